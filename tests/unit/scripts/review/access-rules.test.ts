import { accessRules } from "../../../../scripts/review/access-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { planChange, policyText, ruleIdsFor } from "../../../helpers/plan-change.ts";

type Case = readonly [name: string, change: Partial<ResourceChange>, rules: readonly string[]];

function ruleIds(type: string, change: Partial<ResourceChange>, role?: ResourceChange): string[] {
  return ruleIdsFor(accessRules, planChange(type, change), role === undefined ? [] : [role]);
}

const write = policyText({ Action: "logs:PutLogEvents", Resource: "arn:aws:logs:r:1:log-group:a" });
const read = policyText({ Action: "logs:GetLogEvents", Resource: "arn:aws:logs:r:1:log-group:a" });
const role = (kind: ResourceChange["kind"], name = "role") =>
  planChange("aws_iam_role", { kind, after: { name } });

describe("the policy of an existing role", () => {
  const policy = (text: string) => ({ policy: text, role: "role" });

  it.each<Case>([
    ["gains a right", { before: policy(write), after: policy(read) }, ["role-grows"]],
    ["stays", { before: policy(write), after: policy(write) }, []],
    ["loses all rights", { before: policy(write), after: policy("") }, []],
    ["is deleted", { kind: "delete", before: policy(write) }, []],
    ["is new", { kind: "create", after: policy(write) }, ["role-grows"]],
    ["is known only after the apply", { unknown: { policy: true } }, ["unknown-policy"]],
  ])("%s", (_name, change, rules) => {
    expect(ruleIds("aws_iam_role_policy", change, role("keep"))).toEqual(rules);
  });

  it.each([
    ["created by the same plan", role("create"), []],
    ["that exists", role("keep"), ["role-grows"]],
    ["of another stack", role("create", "other"), ["role-grows"]],
  ])("on a role %s", (_name, owner, rules) => {
    const change = { kind: "create", after: policy(write) } as const;

    expect(ruleIds("aws_iam_role_policy", change, owner)).toEqual(rules);
  });
});

describe("a role", () => {
  const trust = (principal: unknown) => ({
    assume_role_policy: policyText({ Principal: principal, Action: "sts:AssumeRole" }),
  });
  const managed = (name: string) => ({ managed_policy_arns: [`arn:aws:iam::aws:policy/${name}`] });
  const admin = managed("AdministratorAccess");
  const reader = managed("CloudWatchLogsReadOnlyAccess");

  it.each<Case>([
    ["created", { kind: "create", after: trust({ Service: "a" }) }, []],
    [
      "that another principal may assume",
      { before: trust({ Service: "a" }), after: trust({ Service: "b" }) },
      ["role-grows"],
    ],
    ["that everyone may assume", { kind: "create", after: trust("*") }, ["public-policy"]],
    ["with a wide managed policy", { after: admin }, ["wildcard-action", "role-grows"]],
    ["with a narrow managed policy", { after: reader }, ["role-grows"]],
    ["that keeps its managed policy", { before: admin, after: admin }, []],
    ["with an inline policy", { after: { inline_policy: [{ policy: write }] } }, ["role-grows"]],
    ["with an unknown trust", { unknown: { assume_role_policy: true } }, ["unknown-policy"]],
  ])("%s", (_name, change, rules) => {
    expect(ruleIds("aws_iam_role", change)).toEqual(rules);
  });
});

describe("a function URL", () => {
  const url = (authorization_type: string) => ({ authorization_type });
  const cors = (origin: string) => ({ cors: [{ allow_origins: [origin] }] });

  it.each<Case>([
    ["created public", { kind: "create", after: url("NONE") }, ["public-url"]],
    ["that was public", { before: url("NONE"), after: url("NONE") }, []],
    ["for signed requests", { after: url("AWS_IAM") }, []],
    ["with CORS for a page", { after: cors("https://a.example") }, []],
    ["with CORS for every page", { after: cors("*") }, ["open-cors"]],
  ])("%s", (_name, change, rules) => {
    expect(ruleIds("aws_lambda_function_url", change)).toEqual(rules);
  });
});

describe("a resource policy", () => {
  const everyone = { policy: policyText({ Principal: "*", Action: "ecr:BatchGetImage" }) };

  it.each<Case>([
    ["opened to everyone", { after: everyone }, ["public-policy"]],
    ["that was open", { before: everyone, after: everyone }, []],
  ])("%s", (_name, change, rules) => {
    expect(ruleIds("aws_ecr_repository_policy", change)).toEqual(rules);
  });
});

describe("a policy that is known only after the apply", () => {
  it.each([
    ["configured", ["name", "policy"], ["unknown-policy"]],
    ["not configured: the provider reads AWS's answer, which is empty", ["name"], []],
    ["of a plan without its configuration", undefined, ["unknown-policy"]],
  ])("is %s", (_name, configured, rules) => {
    const change = { kind: "create", unknown: { policy: true }, configured } as const;

    expect(ruleIds("aws_sqs_queue", change)).toEqual(rules);
  });
});

describe("a principal of another account", () => {
  const trust = (principal: string) => ({
    assume_role_policy: policyText({ Principal: { AWS: principal }, Action: "sts:AssumeRole" }),
  });
  const policy = (principal: string) => ({
    policy: policyText({ Principal: { AWS: principal }, Action: "sqs:SendMessage" }),
  });
  const permission = (principal: string) => ({ principal, action: "lambda:InvokeFunctionUrl" });

  it.each<Case>([
    ["in a permission", { after: permission("999999999999") }, ["external-account"]],
    [
      "in a permission, by its ARN",
      { after: permission("arn:aws:iam::999999999999:role/x") },
      ["external-account"],
    ],
    [
      "in a permission that stays",
      {
        before: permission("999999999999"),
        after: permission("999999999999"),
      },
      [],
    ],
    ["that is this account", { after: permission("arn:aws:iam::123456789012:root") }, []],
    ["that is a service", { after: permission("events.amazonaws.com") }, []],
  ])("%s", (_name, change, rules) => {
    expect(ruleIds("aws_lambda_permission", change)).toEqual(rules);
  });

  it.each([
    ["in the trust of a new role", "aws_iam_role", trust],
    ["in the policy of a queue", "aws_sqs_queue", policy],
  ])("%s", (_name, type, attributes) => {
    const idsFor = (principal: string) =>
      ruleIds(type, { kind: "create", after: attributes(principal) });

    expect(idsFor("arn:aws:iam::999999999999:root")).toEqual(["external-account"]);
    expect(idsFor("arn:aws:iam::123456789012:root")).toEqual([]);
  });
});

describe("a permission", () => {
  it.each([
    ["for everyone", { principal: "*" }, ["public-policy"]],
    ["for everyone of an account", { principal: "*", source_account: "1" }, []],
    ["for everyone from a source", { principal: "*", source_arn: "arn:x" }, []],
    ["for an account", { principal: "1" }, []],
  ])("%s", (_name, after, rules) => {
    expect(ruleIds("aws_lambda_permission", { after: { ...after, action: "a" } })).toEqual(rules);
  });
});
