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

describe("newGrants", () => {
  it("takes a change of any part as a new right", () => {
    const changed = (["principal", "action", "resource", "condition"] as const).map((part) => ({
      ...one,
      [part]: "other",
    }));

    expect(newGrants([one, ...changed], [one])).toEqual(changed);
    expect(newGrants([one], [one, ...changed])).toEqual([]);
  });
});

describe("isPublic", () => {
  it.each([
    ["*", "", true],
    ["*", '{"Bool":{"aws:SecureTransport":"true"}}', true],
    ["*", '{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}', false],
    ["*", '{"ArnLike":{"AWS:SourceArn":"arn:x"}}', false],
    ["123456789012", "", false],
    ["lambda.amazonaws.com", "", false],
    ["", "", false],
  ])("of principal %j on condition %j is %j", (principal, condition, expected) => {
    expect(isPublic({ ...one, principal, condition })).toBe(expected);
  });
});

describe("isWildcardAction", () => {
  it.each([
    ["*", true],
    ["s3:*", true],
    ["s3:Get*", true],
    ["s3:Get?bject", true],
    ["* but s3:DeleteObject", true],
    ["s3:GetObject", false],
  ])("%s", (action, expected) => {
    expect(isWildcardAction({ ...one, action })).toBe(expected);
  });
});

describe("isWildcardResource", () => {
  it.each([
    ["*", true],
    ["* but arn:aws:s3:::bucket", true],
    ["arn:aws:s3:::*", true],
    ["arn:aws:s3:::bucket/*", false],
    ["arn:aws:s3:::bucket", false],
    ["arn:aws:sqs:us-east-1:123456789012:*", true],
    ["arn:aws:sqs:*:123456789012:queue", true],
    ["arn:aws:sqs:us-east-1:*:queue", true],
    ["arn:*:sqs:us-east-1:123456789012:queue", true],
    ["arn:aws:sqs:us-east-1:123456789012:queue", false],
    ["arn:aws:logs:us-east-1:123456789012:*", true],
    ["arn:aws:logs:us-east-1:123456789012:log-group:*", true],
    ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x:log-stream:*", false],
    ["arn:aws:iam::123456789012:role/*", true],
    ["arn:aws:iam::123456789012:role/app-*", false],
    [`${reference}:log-stream:*`, false],
    [`${reference}*`, true],
    ["logs*", true],
    ["", false],
  ])("%s", (resource, expected) => {
    expect(isWildcardResource({ ...one, resource })).toBe(expected);
  });
});
