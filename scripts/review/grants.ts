import { logDeliveryActions } from "../../stacks/policy-text.ts";
import { valueAt } from "./attribute-value.ts";
import type { AttributePath, Attributes } from "./terraform-plan.ts";

/** One right of a policy: who may do what with which resource. */
export interface Grant {
  /** `*`, an account, an ARN or a service; empty: the identity that the policy is attached to. */
  readonly principal: string;
  /** `logs:PutLogEvents`, or `* but …` for `NotAction`. */
  readonly action: string;
  readonly resource: string;
  /** The condition's JSON; empty without one. */
  readonly condition: string;
}

/** An attribute with a policy: of an identity, of the resource itself, or the trust policy of a role. */
interface PolicyPlace {
  readonly kind: "identity" | "resource" | "trust";
  readonly path: AttributePath;
}

/** The policies of each resource type that has some. */
export const policyPlaces: Readonly<Record<string, readonly PolicyPlace[]>> = {
  aws_iam_role: [
    { kind: "trust", path: ["assume_role_policy"] },
    { kind: "identity", path: ["inline_policy", 0, "policy"] },
  ],
  aws_iam_role_policy: [{ kind: "identity", path: ["policy"] }],
  aws_iam_policy: [{ kind: "identity", path: ["policy"] }],
  aws_iam_user_policy: [{ kind: "identity", path: ["policy"] }],
  aws_iam_group_policy: [{ kind: "identity", path: ["policy"] }],
  aws_ecr_repository_policy: [{ kind: "resource", path: ["policy"] }],
  aws_sqs_queue: [{ kind: "resource", path: ["policy"] }],
  aws_sqs_queue_policy: [{ kind: "resource", path: ["policy"] }],
  aws_s3_bucket_policy: [{ kind: "resource", path: ["policy"] }],
};

/** The rights in a resource's policies of one kind. */
export function grantsOf(
  type: string,
  kind: PolicyPlace["kind"],
  attributes: Attributes,
): readonly Grant[] {
  return (policyPlaces[type] ?? [])
    .filter((place) => place.kind === kind)
    .flatMap(({ path }) => grantsOfPolicy(valueAt(attributes, path)));
}

/** The right of an `aws_lambda_permission`, whose conditions are attributes; none for other types. */
export function permissionGrants(type: string, attributes: Attributes): readonly Grant[] {
  const { principal, action, function_name, qualifier } = attributes;
  if (type !== "aws_lambda_permission" || typeof principal !== "string") return [];
  const conditions = Object.entries(conditionOfAttribute)
    .filter(([name]) => Boolean(attributes[name]))
    .map(([name, condition]) => [condition, attributes[name]] as const);
  const resource = [function_name, qualifier].filter(Boolean).join(":");
  const condition = conditions.length === 0 ? "" : JSON.stringify(Object.fromEntries(conditions));
  return [{ principal, action: String(action), resource, condition }];
}

/** The condition keys of a Lambda permission's attributes. */
const conditionOfAttribute = {
  source_account: "aws:SourceAccount",
  source_arn: "aws:SourceArn",
  principal_org_id: "aws:PrincipalOrgID",
  function_url_auth_type: "lambda:FunctionUrlAuthType",
  invoked_via_function_url: "lambda:InvokedViaFunctionUrl",
} as const;

/** The rights in `after` that are not in `before`. */
export function newGrants(after: readonly Grant[], before: readonly Grant[]): Grant[] {
  const known = new Set(before.map(keyOf));
  return after.filter((grant) => !known.has(keyOf(grant)));
}

function keyOf({ principal, action, resource, condition }: Grant): string {
  return [principal, action, resource, condition].join("\n");
}

/** The rights that a policy's JSON allows; none if it is not a policy. */
export function grantsOfPolicy(policy: unknown): Grant[] {
  if (typeof policy !== "string") return [];
  return listOf(statementsOf(policy))
    .filter((statement) => valueAt(statement, ["Effect"]) === "Allow")
    .flatMap(grantsOfStatement);
}

function statementsOf(policy: string): unknown {
  try {
    return valueAt(JSON.parse(policy), ["Statement"]);
  } catch {
    // AWS rejects a policy that is not JSON, so the apply fails.
    return [];
  }
}

function grantsOfStatement(statement: unknown): Grant[] {
  const condition = JSON.stringify(valueAt(statement, ["Condition"])) ?? "";
  return principalsOf(statement).flatMap((principal) =>
    namedOrAllBut(statement, "Action").flatMap((action) =>
      namedOrAllBut(statement, "Resource").map((resource) => {
        return { principal, action, resource, condition };
      }),
    ),
  );
}

/** `["a:B"]` for `Action`, `["* but a:B"]` for `NotAction`, `[""]` without either. */
function namedOrAllBut(statement: unknown, element: "Action" | "Resource"): string[] {
  const named = listOf(valueAt(statement, [element])).map(String);
  const excepted = listOf(valueAt(statement, [`Not${element}`])).map((name) => `* but ${name}`);
  const all = [...named, ...excepted];
  return all.length > 0 ? all : [""];
}

function principalsOf(statement: unknown): string[] {
  if (valueAt(statement, ["NotPrincipal"]) !== undefined) return ["*"];
  const principal = valueAt(statement, ["Principal"]);
  if (principal === undefined) return [""];
  if (typeof principal === "string") return [principal];
  return Object.values(principal ?? {}).flatMap((names) => listOf(names).map(String));
}

function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** Condition keys that admit known callers only, in lower case. */
const narrowingConditions = [
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourceorgid",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalorgid",
] as const;

/** Whether any caller is admitted. */
export function isPublic({ principal, condition }: Grant): boolean {
  const lower = condition.toLowerCase();
  return principal === "*" && !narrowingConditions.some((key) => lower.includes(`"${key}"`));
}

/** The id of the account that a principal belongs to; `undefined` for a service or everyone. */
export function accountOfPrincipal({ principal }: Grant): string | undefined {
  return /^(?:arn:aws[a-z-]*:\w+::)?(\d{12})(?::|$)/.exec(principal)?.[1];
}

/** Whether the action has a wildcard: `*`, `logs:*`, `logs:Get*`. */
export function isWildcardAction({ action }: Grant): boolean {
  return /[*?]/.test(action);
}

/**
 * Whether the resource goes beyond one named resource. A wildcard after a name stays within it
 * (`…:log-group:/aws/lambda/x:log-stream:*`); one instead of a name does not (`…:log-group:*`).
 * The actions of log delivery can be granted on all resources only.
 */
export function isWildcardResource({ action, resource }: Grant): boolean {
  if (resource === "" || !/[*?]/.test(resource)) return false;
  if (resource === "*" && logDeliveryActions.some((one) => one === action)) return false;
  if (!resource.startsWith("arn:")) return !startsWithReference.test(resource);
  const [, partition = "", service = "", region = "", account = "", ...rest] = resource.split(":");
  if ([partition, service, region, account].some((part) => /[*?]/.test(part))) return true;
  const name = rest.join(":");
  return service === "s3" ? /^[*?]/.test(name) : /^([\w-]+[:/])?[*?]/.test(name);
}

/** In a synthesized stack, `${aws_x.y.arn}` names one resource. */
const startsWithReference = /^\$\{[^}]+\}[:/]/;
