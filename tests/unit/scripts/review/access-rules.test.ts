import { accessRules } from "../../../../scripts/review/access-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { planChange, policyText } from "../../../helpers/plan-change.ts";

/** The ids of the rules that find something. */
function rulesFor(change: ResourceChange, others: readonly ResourceChange[] = []): string[] {
  const plan = { stack: "stack", resources: [change, ...others], drifted: [] };
  return accessRules.filter(({ find }) => find(change, plan).length > 0).map(({ id }) => id);
}

const write = policyText({ Action: "logs:PutLogEvents", Resource: "arn:aws:logs:r:1:log-group:a" });
const read = policyText({ Action: "logs:GetLogEvents", Resource: "arn:aws:logs:r:1:log-group:a" });
const everyone = policyText({ Principal: "*", Action: "ecr:BatchGetImage" });
const adminArn = "arn:aws:iam::aws:policy/AdministratorAccess";
const readerArn = "arn:aws:iam::aws:policy/CloudWatchLogsReadOnlyAccess";
const newRole = planChange("aws_iam_role", { kind: "create", after: { name: "role" } });
const oldRole = planChange("aws_iam_role", { kind: "keep", after: { name: "role" } });

describe("a role's policy", () => {
  it.each([
    [
      "that gains a right",
      { before: { policy: write }, after: { policy: read, role: "role" } },
      ["role-grows"],
    ],
    ["that stays", { before: { policy: write }, after: { policy: write, role: "role" } }, []],
    ["that loses all", { before: { policy: write }, after: { policy: "", role: "role" } }, []],
    ["that is deleted", { kind: "delete", before: { policy: write } }, []],
    ["that is new", { kind: "create", after: { policy: write, role: "role" } }, ["role-grows"]],
    ["that is known only after the apply", { unknown: { policy: true } }, ["unknown-policy"]],
  ] as const)("%s", (_name, change, rules) => {
    expect(rulesFor(planChange("aws_iam_role_policy", change), [oldRole])).toEqual(rules);
  });

  it.each([
    ["made by the same plan", newRole, []],
    ["there before", oldRole, ["role-grows"]],
    [
      "of another stack",
      planChange("aws_iam_role", { kind: "create", after: { name: "x" } }),
      ["role-grows"],
    ],
  ] as const)("on a role %s", (_name, role, rules) => {
    const policy = { kind: "create", after: { policy: write, role: "role" } } as const;

    expect(rulesFor(planChange("aws_iam_role_policy", policy), [role])).toEqual(rules);
  });
});

describe("a role", () => {
  const trust = (service: string) =>
    policyText({ Principal: { Service: service }, Action: "sts:AssumeRole" });

  it.each([
    ["made anew", { kind: "create", after: { assume_role_policy: trust("a") } }, []],
    [
      "that another principal may assume",
      { before: { assume_role_policy: trust("a") }, after: { assume_role_policy: trust("b") } },
      ["role-grows"],
    ],
    [
      "that everyone may assume",
      {
        kind: "create",
        after: { assume_role_policy: policyText({ Principal: "*", Action: "sts:AssumeRole" }) },
      },
      ["public-policy"],
    ],
    [
      "with a wide managed policy",
      { after: { managed_policy_arns: [adminArn] } },
      ["wildcard-action", "role-grows"],
    ],
    [
      "with a narrow managed policy",
      { after: { managed_policy_arns: [readerArn] } },
      ["role-grows"],
    ],
    [
      "that keeps its managed policy",
      { before: { managed_policy_arns: [adminArn] }, after: { managed_policy_arns: [adminArn] } },
      [],
    ],
    ["with an inline policy", { after: { inline_policy: [{ policy: write }] } }, ["role-grows"]],
    [
      "whose trust policy is known only after the apply",
      { unknown: { assume_role_policy: true } },
      ["unknown-policy"],
    ],
  ] as const)("%s", (_name, change, rules) => {
    expect(rulesFor(planChange("aws_iam_role", change))).toEqual(rules);
  });
});

describe("access", () => {
  it.each([
    [
      "a repository for everyone",
      "aws_ecr_repository_policy",
      { after: { policy: everyone } },
      ["public-policy"],
    ],
    [
      "a repository that was so before",
      "aws_ecr_repository_policy",
      { before: { policy: everyone }, after: { policy: everyone } },
      [],
    ],
    [
      "a URL made for everyone",
      "aws_lambda_function_url",
      { kind: "create", after: { authorization_type: "NONE" } },
      ["public-url"],
    ],
    [
      "a URL that was so before",
      "aws_lambda_function_url",
      { before: { authorization_type: "NONE" }, after: { authorization_type: "NONE" } },
      [],
    ],
    [
      "a URL for signed requests",
      "aws_lambda_function_url",
      { after: { authorization_type: "AWS_IAM" } },
      [],
    ],
    [
      "CORS for a page",
      "aws_lambda_function_url",
      { after: { cors: [{ allow_origins: ["https://a.example"] }] } },
      [],
    ],
    [
      "CORS for every page",
      "aws_lambda_function_url",
      { after: { cors: [{ allow_origins: ["*"] }] } },
      ["open-cors"],
    ],
    [
      "a permission for everyone",
      "aws_lambda_permission",
      { after: { principal: "*", action: "a" } },
      ["public-policy"],
    ],
    [
      "a permission for everyone of an account",
      "aws_lambda_permission",
      { after: { principal: "*", action: "a", source_account: "1" } },
      [],
    ],
    [
      "a permission for everyone from a source",
      "aws_lambda_permission",
      { after: { principal: "*", action: "a", source_arn: "arn:x" } },
      [],
    ],
    [
      "a permission for an account",
      "aws_lambda_permission",
      { after: { principal: "1", action: "a" } },
      [],
    ],
  ] as const)("%s", (_name, type, change, rules) => {
    expect(rulesFor(planChange(type, change as Partial<ResourceChange>))).toEqual(rules);
  });
});
