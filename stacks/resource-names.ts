import type { StackConfig } from "./settings-schema.ts";

type Names = Pick<StackConfig, "applicationName" | "environmentSuffix" | "region">;

/** Prefix of every name: `bitnet-lambda-dev`. */
export function namePrefix({ applicationName, environmentSuffix }: Names): string {
  return `${applicationName}-${environmentSuffix}`;
}

/** Name of a resource, unique within its region: `bitnet-lambda-dev-function`. */
export function resourceName(config: Names, kind: string): string {
  return `${namePrefix(config)}-${kind}`;
}

/** Name of a resource whose names AWS shares between regions: `bitnet-lambda-dev-us-east-1-role`. */
export function globalName(config: Names, kind: string): string {
  return `${namePrefix(config)}-${config.region}-${kind}`;
}

/** The stacks, in the order of deployment. */
export const stackKinds = ["registry", "service"] as const;
export type StackKind = (typeof stackKinds)[number];

/**
 * Name of a stack, and of its folder under `cdktf.out/stacks/`. It names the region, because Terraform
 * would move one region's state to the other's if both were deployed from one folder.
 */
export function stackName(config: Names, kind: StackKind): string {
  return globalName(config, kind);
}

/** The alias that callers invoke. */
export const liveAlias = "live";
