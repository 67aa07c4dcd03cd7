import { accessRules } from "../../../../scripts/review/access-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { planChange, policyText, ruleIdsFor } from "../../../helpers/plan-change.ts";

type Case = readonly [name: string, change: Partial<ResourceChange>, rules: readonly string[]];

function ruleIds(type: string, change: Partial<ResourceChange>, role?: ResourceChange): string[] {
  return ruleIdsFor(accessRules, planChange(type, change), role === undefined ? [] : [role]);
}

/** Tests a resource type: the name of each case is that of its change. */
function eachOf(type: string, cases: readonly Case[]): void {
  it.each(cases)(`${type}: %s`, (_name, change, rules) => {
    expect(ruleIds(type, change)).toEqual(rules);
  });
}

const policy = (principal: unknown, action: string) =>
  policyText({ Principal: principal, Action: action });

describe("the policy of an existing role", () => {
  const inlined = (action: string) => ({
    policy: policyText({ Action: `logs:${action}`, Resource: "arn:aws:logs:r:1:log-group:a" }),
    role: "role",
  });
  const [write, read] = [inlined("PutLogEvents"), inlined("GetLogEvents")];
  const role = (kind: ResourceChange["kind"], name = "role") =>
    planChange("aws_iam_role", { kind, after: { name } });

  it.each<Case>([
    ["gains a right", { before: write, after: read }, ["role-grows"]],
    ["stays", { before: write, after: write }, []],
    ["loses all rights", { before: write, after: { ...write, policy: "" } }, []],
    ["is deleted", { kind: "delete", before: write }, []],
    ["is known only after the apply", { unknown: { policy: true } }, ["unknown-policy"]],
  ])("%s", (_name, change, rules) => {
    expect(ruleIds("aws_iam_role_policy", change, role("keep"))).toEqual(rules);
  });

  it.each([
    ["created by the same plan", role("create"), []],
    ["that exists", role("keep"), ["role-grows"]],
    ["of another stack", role("create", "other"), ["role-grows"]],
  ])("is new on a role %s", (_name, owner, rules) => {
    expect(ruleIds("aws_iam_role_policy", { kind: "create", after: write }, owner)).toEqual(rules);
  });
});

describe("a change of", () => {
  const trust = (principal: unknown) => ({
    assume_role_policy: policy(principal, "sts:AssumeRole"),
  });
  const [a, b] = [trust({ Service: "a" }), trust({ Service: "b" })];
  const managed = (name: string) => ({ managed_policy_arns: [`arn:aws:iam::aws:policy/${name}`] });
  const admin = managed("AdministratorAccess");
  const inline = { inline_policy: [{ policy: policyText({ Action: "a:B", Resource: "arn:r" }) }] };
  eachOf("aws_iam_role", [
    ["created", { kind: "create", after: a }, []],
    ["assumed by another principal", { before: a, after: b }, ["role-grows"]],
    ["assumed by everyone", { kind: "create", after: trust("*") }, ["public-policy"]],
    ["with a wide managed policy", { after: admin }, ["wildcard-action", "role-grows"]],
    ["with a narrow one", { after: managed("CloudWatchLogsReadOnlyAccess") }, ["role-grows"]],
    ["that keeps its managed policy", { before: admin, after: admin }, []],
    ["with an inline policy", { after: inline }, ["role-grows"]],
    ["with an unknown trust", { unknown: { assume_role_policy: true } }, ["unknown-policy"]],
  ]);

  const url = (authorization_type: string) => ({ authorization_type });
  const cors = (origin: string) => ({ cors: [{ allow_origins: [origin] }] });
  eachOf("aws_lambda_function_url", [
    ["created public", { kind: "create", after: url("NONE") }, ["public-url"]],
    ["that was public", { before: url("NONE"), after: url("NONE") }, []],
    ["for signed requests", { after: url("AWS_IAM") }, []],
    ["with CORS for a page", { after: cors("https://a.example") }, []],
    ["with CORS for every page", { after: cors("*") }, ["open-cors"]],
  ]);

  const everyone = { policy: policy("*", "ecr:BatchGetImage") };
  eachOf("aws_ecr_repository_policy", [
    ["opened to everyone", { after: everyone }, ["public-policy"]],
    ["that was open", { before: everyone, after: everyone }, []],
  ]);

  const unknown = { kind: "create", unknown: { policy: true } } as const;
  eachOf("aws_sqs_queue", [
    ["with an unknown policy", { ...unknown, configured: ["name", "policy"] }, ["unknown-policy"]],
    ["whose policy is not set, so AWS's is empty", { ...unknown, configured: ["name"] }, []],
    ["of a plan without its configuration", unknown, ["unknown-policy"]],
  ]);

  const permit = (principal: string, more: object = {}) => ({ principal, action: "a", ...more });
  const other = permit("999999999999");
  const otherRole = permit("arn:aws:iam::999999999999:role/x");
  eachOf("aws_lambda_permission", [
    ["for another account", { after: other }, ["external-account"]],
    ["for another account, by its ARN", { after: otherRole }, ["external-account"]],
    ["that stays", { before: other, after: other }, []],
    ["for this account", { after: permit("arn:aws:iam::123456789012:root") }, []],
    ["for a service", { after: permit("events.amazonaws.com") }, []],
    ["for everyone", { after: permit("*") }, ["public-policy"]],
    ["for everyone of an account", { after: permit("*", { source_account: "1" }) }, []],
    ["for everyone from a source", { after: permit("*", { source_arn: "arn:x" }) }, []],
    ["for what is no account", { after: permit("1") }, []],
  ]);

  it.each([
    ["the trust of a new role", "aws_iam_role", trust],
    ["the policy of a queue", "aws_sqs_queue", (by: object) => ({ policy: policy(by, "a:B") })],
  ])("%s names another account", (_name, type, attributes) => {
    const idsFor = (account: string) =>
      ruleIds(type, {
        kind: "create",
        after: attributes({ AWS: `arn:aws:iam::${account}:root` }),
      });

    expect(idsFor("999999999999")).toEqual(["external-account"]);
    expect(idsFor("123456789012")).toEqual([]);
  });
});
