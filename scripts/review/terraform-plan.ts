import * as z from "zod";
import { UserError } from "../../model/user-error.ts";
import { type ChangeKind, changeKindOf } from "./change-kind.ts";

/** Attributes of a resource by name, as the provider tells them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Where a value stands in a resource: `["cors", 0, "allow_origins"]`. */
export type AttributePath = readonly (string | number)[];

/** What a plan does to one resource. */
export interface ResourceChange {
  /** Terraform's name: `aws_sqs_queue.dead-letters`. */
  readonly address: string;
  readonly type: string;
  readonly kind: ChangeKind;
  /** Before the plan; empty for what is created. */
  readonly before: Attributes;
  /** After the plan, without what only the apply will tell; empty for what is deleted. */
  readonly after: Attributes;
  /** The shape of `after` with `true` where only the apply will tell. */
  readonly unknown: unknown;
  /** The shapes of both with `true` where a value must not be shown. */
  readonly beforeSensitive: unknown;
  readonly afterSensitive: unknown;
  /** The values that cannot be changed in place. */
  readonly replacePaths: readonly AttributePath[];
  /** Why, in Terraform's words: `delete_because_no_resource_config`. */
  readonly reason: string | undefined;
}

/** One stack's plan. */
export interface TerraformPlan {
  /** Name of the stack: its folder's, or its file's. */
  readonly stack: string;
  /** Every resource, also those that stay as they are. */
  readonly resources: readonly ResourceChange[];
  /** Addresses of what was changed outside Terraform since the last apply. */
  readonly drifted: readonly string[];
}

const maskSchema = z.unknown();
const changeSchema = z.object({
  actions: z.array(z.string()),
  before: z.record(z.string(), z.unknown()).nullish(),
  after: z.record(z.string(), z.unknown()).nullish(),
  after_unknown: maskSchema,
  before_sensitive: maskSchema,
  after_sensitive: maskSchema,
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).nullish(),
});
const resourceSchema = z.object({
  address: z.string(),
  mode: z.string().nullish(),
  type: z.string(),
  change: changeSchema,
  action_reason: z.string().nullish(),
});

/**
 * What `terraform show -json` prints of a plan, the fields that are read. Its makers promise that
 * 1.x only adds fields: https://developer.hashicorp.com/terraform/internals/json-format (read 2026-11).
 */
const planSchema = z.object({
  format_version: z.string().startsWith("1.", "is a format that this review does not know"),
  resource_changes: z.array(resourceSchema).nullish(),
  resource_drift: z.array(resourceSchema).nullish(),
  errored: z.boolean().nullish(),
});

/**
 * A plan from the text of `terraform show -json`.
 *
 * @throws UserError when it is no plan, or one that Terraform could not finish
 */
export function parseTerraformPlan(text: string, stack: string): TerraformPlan {
  const result = planSchema.safeParse(jsonOf(text, stack));
  if (!result.success) {
    throw new UserError(
      `${stack}: this is not what \`terraform show -json PLANFILE\` prints:\n${z.prettifyError(result.error)}`,
    );
  }
  if (result.data.errored) {
    throw new UserError(`${stack}: Terraform could not finish this plan; make it anew.`);
  }
  return {
    stack,
    resources: (result.data.resource_changes ?? [])
      .filter(({ mode }) => mode !== "data")
      .map(resourceChange),
    drifted: (result.data.resource_drift ?? []).map(({ address }) => address),
  };
}

function jsonOf(text: string, stack: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `${stack}: this is not JSON; make it with \`terraform show -json PLANFILE\`.`,
      { cause: error },
    );
  }
}

function resourceChange({ address, type, change, action_reason }: Resource): ResourceChange {
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
  };
}

type Resource = z.output<typeof resourceSchema>;
