import { valueAt } from "./attribute-value.ts";
import type { AttributePath, Attributes } from "./terraform-plan.ts";

/** One right that a policy gives: who may do what with what. */
export interface Grant {
  /** `*`, an account, an ARN or a service; empty where the policy's owner is meant. */
  readonly principal: string;
  /** `logs:PutLogEvents`; `not …` for everything but that. */
  readonly action: string;
  readonly resource: string;
  /** The condition's JSON; empty without one. */
  readonly condition: string;
}

/** Where a resource type keeps policies: of whoever carries it, of itself, or of its trust. */
interface PolicyPlace {
  readonly kind: "identity" | "resource" | "trust";
  readonly path: AttributePath;
}

/** Every type that is known to hold a policy's text. */
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

/** The rights that a resource's attributes give through policies of one kind. */
export function grantsOf(
  type: string,
  kind: PolicyPlace["kind"],
  attributes: Attributes,
): readonly Grant[] {
  return (policyPlaces[type] ?? [])
    .filter((place) => place.kind === kind)
    .flatMap(({ path }) => grantsOfPolicy(valueAt(attributes, path)));
}

/** The rights of the first that the second does not give. */
export function newGrants(after: readonly Grant[], before: readonly Grant[]): Grant[] {
  const known = new Set(before.map(keyOf));
  return after.filter((grant) => !known.has(keyOf(grant)));
}

function keyOf({ principal, action, resource, condition }: Grant): string {
  return [principal, action, resource, condition].join("\n");
}

/** The rights in a policy's text; none in what is not one. */
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
    // AWS takes no policy that is not JSON: the apply will say so.
    return [];
  }
}

function grantsOfStatement(statement: unknown): Grant[] {
  const condition = valueAt(statement, ["Condition"]);
  const conditionText = condition === undefined ? "" : JSON.stringify(condition);
  return principalsOf(statement).flatMap((principal) =>
    namedOrAllBut(statement, "Action").flatMap((action) =>
      namedOrAllBut(statement, "Resource").map((resource) => ({
        principal,
        action,
        resource,
        condition: conditionText,
      })),
    ),
  );
}

/** `Action` as it is; `NotAction` is everything but what it names; nothing where none is meant. */
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
