import * as z from "zod";
import { UserError } from "../../model/user-error.ts";

/** What a plan does with a resource, the worst first. `forget`: Terraform stops managing it. */
export const changeKinds = ["delete", "replace", "forget", "update", "create", "keep"] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** Terraform's lists of actions. */
const kindOfActions: Readonly<Record<string, ChangeKind>> = {
  "no-op": "keep",
  read: "keep",
  create: "create",
  update: "update",
  delete: "delete",
  forget: "forget",
  "delete,create": "replace",
  "create,delete": "replace",
  "create,forget": "replace",
};

/** Attributes of a resource by name, as the provider reports them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Path of a value in a resource: `["cors", 0, "allow_origins"]`. */
export type AttributePath = readonly (string | number)[];

/** The change that a plan makes to one resource. */
export interface ResourceChange {
  /** Terraform's name: `aws_sqs_queue.dead-letters`. */
  readonly address: string;
  readonly type: string;
  readonly kind: ChangeKind;
  /** Empty if the plan creates it. */
  readonly before: Attributes;
  /** Without the values that are known only after the apply; empty if the resource is deleted. */
  readonly after: Attributes;
  /** The shape of `after`, with `true` for each value that is known only after the apply. */
  readonly unknown: unknown;
  /** The shapes of both, with `true` for each value that must not be shown. */
  readonly beforeSensitive: unknown;
  readonly afterSensitive: unknown;
  /** Values whose change forces a replacement. */
  readonly replacePaths: readonly AttributePath[];
  /** Terraform's reason: `delete_because_no_resource_config`. */
  readonly reason: string | undefined;
  /** The attributes that the configuration sets; `undefined` if the plan does not list them. */
  readonly configured: readonly string[] | undefined;
}

/** One stack's plan. */
export interface TerraformPlan {
  /** Name of the stack: that of its folder or file. */
  readonly stack: string;
  /** Every resource, unchanged ones included. */
  readonly resources: readonly ResourceChange[];
  /** What the provider found to differ from the state: `driftedAddresses` reads it. */
  readonly drift: readonly ResourceChange[];
  /** Id of the account that the stack is deployed to; `undefined` if the stack does not ask for it. */
  readonly account: string | undefined;
}

const attributesSchema = z.record(z.string(), z.unknown()).nullish();
const resourceSchema = z.object({
  address: z.string(),
  mode: z.string().nullish(),
  type: z.string(),
  change: z.object({
    actions: z.array(z.string()),
    before: attributesSchema,
    after: attributesSchema,
    after_unknown: z.unknown(),
    before_sensitive: z.unknown(),
    after_sensitive: z.unknown(),
    replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).nullish(),
  }),
  action_reason: z.string().nullish(),
});

/** A configuration or a state. The stacks have a root module only. */
function moduleSchema<Shape extends z.ZodRawShape>(resource: Shape) {
  const root = z.object({ resources: z.array(z.object(resource)).nullish() });
  return z.object({ root_module: root.nullish() }).nullish();
}

/**
 * The output of `terraform show -json`, reduced to the fields in use. Version 1.x only adds fields:
 * https://developer.hashicorp.com/terraform/internals/json-format (read 2026-11).
 */
const planSchema = z.object({
  format_version: z.string().startsWith("1.", "is a format that this review does not support"),
  configuration: moduleSchema({ address: z.string(), expressions: attributesSchema }),
  prior_state: z
    .object({ values: moduleSchema({ type: z.string(), values: attributesSchema }) })
    .nullish(),
  resource_changes: z.array(resourceSchema).nullish(),
  resource_drift: z.array(resourceSchema).nullish(),
  errored: z.boolean().nullish(),
});

/**
 * Parses the output of `terraform show -json`.
 *
 * @throws UserError if it is not a plan, or one that Terraform could not finish
 * @example parseTerraformPlan(text, "bitnet-lambda-dev-us-east-1-service").resources
 */
export function parseTerraformPlan(text: string, stack: string): TerraformPlan {
  const result = planSchema.safeParse(jsonOf(text, stack));
  if (!result.success) {
    throw new UserError(
      `${stack}: this is not what \`terraform show -json PLANFILE\` prints:\n${z.prettifyError(result.error)}`,
    );
  }
  if (result.data.errored) {
    throw new UserError(`${stack}: Terraform could not finish this plan; create it again.`);
  }
  const { resource_changes, resource_drift, configuration, prior_state } = result.data;
  const configured = new Map(
    configuration?.root_module?.resources?.map(({ address, expressions }) => [
      address,
      Object.keys(expressions ?? {}),
    ]),
  );
  const identity = prior_state?.values?.root_module?.resources?.find(
    ({ type }) => type === "aws_caller_identity",
  );
  const account = identity?.values?.account_id;
  return {
    stack,
    resources: (resource_changes ?? [])
      .filter(({ mode }) => mode !== "data")
      .map((resource) => resourceChange(resource, configured.get(resource.address))),
    drift: (resource_drift ?? []).map((resource) => resourceChange(resource)),
    account: typeof account === "string" ? account : undefined,
  };
}

function changeKindOf(actions: readonly string[]): ChangeKind {
  const kind = kindOfActions[actions.join(",")];
  if (kind !== undefined) return kind;
  throw new UserError(
    `the plan has the actions [${actions.join(", ")}], which this review does not support.`,
  );
}

function jsonOf(text: string, stack: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const advice = "create it with `terraform show -json PLANFILE`.";
    throw new UserError(`${stack}: this is not JSON; ${advice}`, { cause: error });
  }
}

function resourceChange(
  { address, type, change, action_reason }: z.output<typeof resourceSchema>,
  configured?: readonly string[],
): ResourceChange {
  return {
    address,
    type,
    kind: changeKindOf(change.actions),
    before: change.before ?? {},
    after: change.after ?? {},
    unknown: change.after_unknown,
    beforeSensitive: change.before_sensitive,
    afterSensitive: change.after_sensitive,
    replacePaths: change.replace_paths ?? [],
    reason: action_reason ?? undefined,
    configured,
  };
}
