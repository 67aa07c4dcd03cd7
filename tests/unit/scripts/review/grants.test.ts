import {
  type Grant,
  grantsOfPolicy,
  isPublic,
  isWildcardAction,
  isWildcardResource,
  newGrants,
} from "../../../../scripts/review/grants.ts";
import { policyText } from "../../../helpers/plan-change.ts";

const one: Grant = { principal: "", action: "a:B", resource: "r", condition: "" };

// biome-ignore lint/suspicious/noTemplateCurlyInString: that is how Terraform refers to a value.
const reference = "${aws_cloudwatch_log_group.logs.arn}";

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

test("isWildcardAction is true of a name with a wildcard", () => {
  const names = ["*", "s3:*", "s3:Get*", "s3:Get?bject", "* but s3:DeleteObject", "s3:GetObject"];

  const wild = names.filter((action) => isWildcardAction({ ...one, action }));

  expect(wild).toEqual(names.slice(0, -1));
});

const resources = {
  wild: [
    "*",
    "* but arn:aws:s3:::bucket",
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
  ],
  named: [
    "",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket",
    "arn:aws:sqs:us-east-1:123456789012:queue",
    "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x:log-stream:*",
    "arn:aws:iam::123456789012:role/app-*",
    `${reference}:log-stream:*`,
  ],
};

test("isWildcardResource is true of what goes beyond one named resource", () => {
  const all = [...resources.wild, ...resources.named];

  expect(all.filter((resource) => isWildcardResource({ ...one, resource }))).toEqual(
    resources.wild,
  );
});

test("isWildcardResource takes log delivery on all resources, which has no other form, and nothing else", () => {
  const granted = [
    ["logs:CreateLogDelivery", "*"],
    ["logs:CreateLogDelivery", "arn:aws:logs:*:*:*"],
    ["logs:PutLogEvents", "*"],
  ].map(([action = "", resource = ""]) => isWildcardResource({ ...one, action, resource }));

  expect(granted).toEqual([false, true, true]);
});
