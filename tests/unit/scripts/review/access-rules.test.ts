import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { eachChangeOf, planChange, policyText } from "../../../helpers/plan-change.ts";

const policy = (principal: unknown, action: string) =>
  policyText({ Principal: principal, Action: action });

describe("the policy of a role", () => {
  const inlined = (action: string) => ({
    policy: policyText({ Action: `logs:${action}`, Resource: "arn:aws:logs:r:1:log-group:a" }),
    role: "role",
  });
  const [write, read] = [inlined("PutLogEvents"), inlined("GetLogEvents")];
  const role = (kind: ResourceChange["kind"], name = "role") => [
    planChange("aws_iam_role", { kind, after: { name } }),
  ];
  const type = "aws_iam_role_policy";
  const made = { kind: "create", after: write } as const;

  eachChangeOf(
    type,
    [
      ["a right more", { before: write, after: read }, "role-grows"],
      ["the same rights", { before: write, after: write }],
      ["no rights any more", { before: write, after: { ...write, policy: "" } }],
      ["its deletion", { kind: "delete", before: write }],
      ["known only after the apply", { unknown: { policy: true } }, "unknown-policy"],
      ["new on a role that exists", made, "role-grows"],
    ],
    role("keep"),
  );
  eachChangeOf(type, [["new on a role of the same plan", made]], role("create"));
  eachChangeOf(
    type,
    [["new on a role of another stack", made, "role-grows"]],
    role("create", "other"),
  );
});

describe("a change of", () => {
  const trust = (principal: unknown) => ({
    assume_role_policy: policy(principal, "sts:AssumeRole"),
  });
  const [a, b] = [trust({ Service: "a" }), trust({ Service: "b" })];
  const rootOf = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` });
  const [here, elsewhere] = [rootOf("123456789012"), rootOf("999999999999")];
  const managed = (name: string) => ({ managed_policy_arns: [`arn:aws:iam::aws:policy/${name}`] });
  const admin = managed("AdministratorAccess");
  const inline = { inline_policy: [{ policy: policyText({ Action: "a:B", Resource: "arn:r" }) }] };
  eachChangeOf("aws_iam_role", [
    ["created", { kind: "create", after: a }],
    ["updated", { before: a, after: a }],
    ["deleted", { kind: "delete", before: a }, "role-lost"],
    ["replaced", { kind: "replace", before: a, after: a }, "role-lost"],
    ["assumed by another principal", { before: a, after: b }, "role-grows"],
    ["assumed by everyone", { kind: "create", after: trust("*") }, "public-policy"],
    ["assumed by its account", { kind: "create", after: trust(here) }],
    ["assumed by another account", { kind: "create", after: trust(elsewhere) }, "external-account"],
    ["with a wide managed policy", { after: admin }, "wildcard-action", "role-grows"],
    ["with a narrow one", { after: managed("CloudWatchLogsReadOnlyAccess") }, "role-grows"],
    ["that keeps its managed policy", { before: admin, after: admin }],
    ["with an inline policy", { after: inline }, "role-grows"],
    ["with an unknown trust", { unknown: { assume_role_policy: true } }, "unknown-policy"],
  ]);

  const url = (authorization_type: string) => ({ authorization_type });
  const cors = (origin: string) => ({ cors: [{ allow_origins: [origin] }] });
  eachChangeOf("aws_lambda_function_url", [
    ["created public", { kind: "create", after: url("NONE") }, "public-url"],
    ["that was public", { before: url("NONE"), after: url("NONE") }],
    ["for signed requests", { after: url("AWS_IAM") }],
    ["with CORS for a page", { after: cors("https://a.example") }],
    ["with CORS for every page", { after: cors("*") }, "open-cors"],
  ]);

  const everyone = { policy: policy("*", "ecr:BatchGetImage") };
  eachChangeOf("aws_ecr_repository_policy", [
    ["opened to everyone", { after: everyone }, "public-policy"],
    ["that was open", { before: everyone, after: everyone }],
  ]);

  const unknown = { kind: "create", unknown: { policy: true } } as const;
  const queueOf = (principal: object) => ({
    after: { policy: policy(principal, "a:B"), sqs_managed_sse_enabled: true },
  });
  eachChangeOf("aws_sqs_queue", [
    ["with an unknown policy", { ...unknown, configured: ["name", "policy"] }, "unknown-policy"],
    ["whose policy is not set, so AWS's is empty", { ...unknown, configured: ["name"] }],
    ["of a plan without its configuration", unknown, "unknown-policy"],
    ["for its account", queueOf(here)],
    ["for another account", queueOf(elsewhere), "external-account"],
  ]);

  const permit = (principal: string, more: object = {}) => ({ principal, action: "a", ...more });
  const other = permit("999999999999");
  const otherRole = permit("arn:aws:iam::999999999999:role/x");
  eachChangeOf("aws_lambda_permission", [
    ["for another account", { after: other }, "external-account"],
    ["for another account, by its ARN", { after: otherRole }, "external-account"],
    ["that stays", { before: other, after: other }],
    ["for this account", { after: permit("arn:aws:iam::123456789012:root") }],
    ["for a service", { after: permit("events.amazonaws.com") }],
    ["for everyone", { after: permit("*") }, "public-policy"],
    ["for everyone of an account", { after: permit("*", { source_account: "1" }) }],
    ["for everyone from a source", { after: permit("*", { source_arn: "arn:x" }) }],
    ["for what is no account", { after: permit("1") }],
  ]);
});
