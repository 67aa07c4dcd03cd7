import {
  type Grant,
  grantsOfPolicy,
  isPublic,
  newGrants,
} from "../../../../scripts/review/grants.ts";
import { eachChangeOf, policyText } from "../../../helpers/plan-change.ts";

const one: Grant = { principal: "", action: "a:B", resource: "r", condition: "" };

// biome-ignore lint/suspicious/noTemplateCurlyInString: that is how Terraform refers to a value.
const reference = "${aws_cloudwatch_log_group.logs.arn}";

const allBut = [
  "wildcard-action: action * but s3:A",
  "wildcard-resource: resource * but arn:aws:s3:::bucket",
];

describe("grantsOfPolicy", () => {
  it.each([
    [{}, [{}]],
    [{ Action: ["a:B", "a:C"] }, [{}, { action: "a:C" }]],
    [{ Resource: ["r", "s"] }, [{}, { resource: "s" }]],
    [{ Action: undefined, NotAction: "a:B" }, [{ action: "* but a:B" }]],
    [{ Resource: undefined, NotResource: "r" }, [{ resource: "* but r" }]],
    [{ Resource: undefined }, [{ resource: "" }]],
    [{ Principal: "*" }, [{ principal: "*" }]],
    [{ Principal: { AWS: "*" } }, [{ principal: "*" }]],
    [{ NotPrincipal: { AWS: "1" } }, [{ principal: "*" }]],
    [
      { Principal: { Service: "s.com", AWS: ["1", "2"] } },
      [{ principal: "s.com" }, { principal: "1" }, { principal: "2" }],
    ],
    [{ Condition: { Bool: { x: "y" } } }, [{ condition: '{"Bool":{"x":"y"}}' }]],
    [{ Effect: "Deny" }, []],
  ])("reads %j", (statement, grants) => {
    const policy = policyText({ Action: "a:B", Resource: "r", ...statement });

    expect(grantsOfPolicy(policy)).toEqual(grants.map((grant) => ({ ...one, ...grant })));
  });

  it("reads a statement that stands alone", () => {
    const policy = JSON.stringify({ Statement: { Effect: "Allow", Action: "a:B", Resource: "r" } });

    expect(grantsOfPolicy(policy)).toEqual([one]);
  });

  it.each([undefined, null, "", "{", "[]", '"x"'])("has nothing for %j", (policy) => {
    expect(grantsOfPolicy(policy)).toEqual([]);
  });
});

test("newGrants takes a change of any part as a new right", () => {
  const changed = (["principal", "action", "resource", "condition"] as const).map((part) => ({
    ...one,
    [part]: "other",
  }));

  expect(newGrants([one, ...changed], [one])).toEqual(changed);
  expect(newGrants([one], [one, ...changed])).toEqual([]);
});

test.each([
  ["*", "", true],
  ["*", '{"Bool":{"aws:SecureTransport":"true"}}', true],
  ["*", '{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}', false],
  ["*", '{"ArnLike":{"AWS:SourceArn":"arn:x"}}', false],
  ["123456789012", "", false],
  ["lambda.amazonaws.com", "", false],
  ["", "", false],
])("isPublic of principal %j on condition %j is %j", (principal, condition, expected) => {
  expect(isPublic({ ...one, principal, condition })).toBe(expected);
});

describe("an identity policy", () => {
  const on = (resource: string, action = "a:B") => ({
    kind: "create" as const,
    after: { policy: policyText({ Action: action, Resource: resource }) },
  });
  const actions = ["*", "s3:*", "s3:Get*", "s3:Get?bject"];
  const wild = [
    "*",
    "arn:aws:s3:::*",
    "arn:aws:sqs:us-east-1:123456789012:*",
    "arn:aws:sqs:*:123456789012:queue",
    "arn:aws:sqs:us-east-1:*:queue",
    "arn:*:sqs:us-east-1:123456789012:queue",
    "arn:aws:logs:us-east-1:123456789012:*",
    "arn:aws:logs:us-east-1:123456789012:log-group:*",
    "arn:aws:iam::123456789012:role/*",
    `${reference}*`,
    "logs*",
  ];
  const named = [
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket",
    "arn:aws:sqs:us-east-1:123456789012:queue",
    "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x:log-stream:*",
    "arn:aws:iam::123456789012:role/app-*",
    `${reference}:log-stream:*`,
  ];
  const logDelivery = "logs:CreateLogDelivery";
  const butBucket = { NotAction: "s3:A", NotResource: "arn:aws:s3:::bucket" };

  eachChangeOf("aws_iam_policy", [
    ...actions.map((name) => [name, on("r", name), `wildcard-action: action ${name}`] as const),
    ...wild.map((name) => [name, on(name), `wildcard-resource: resource ${name}`] as const),
    ...named.map((name) => [name, on(name)] as const),
    ["all but something", { kind: "create", after: { policy: policyText(butBucket) } }, ...allBut],
    ["log delivery, which is granted on all or nothing", on("*", logDelivery)],
    ["log delivery on some", on("arn:aws:logs:*:*:*", logDelivery), "wildcard-resource"],
  ]);
});
