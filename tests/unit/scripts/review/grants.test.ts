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
    ["one action on one resource", { Action: "a:B", Resource: "r" }, [one]],
    [
      "lists",
      { Action: ["a:B", "a:C"], Resource: ["r", "s"] },
      [
        one,
        { ...one, resource: "s" },
        { ...one, action: "a:C" },
        { ...one, action: "a:C", resource: "s" },
      ],
    ],
    ["all but an action", { NotAction: "a:B", Resource: "r" }, [{ ...one, action: "* but a:B" }]],
    ["all but a resource", { Action: "a:B", NotResource: "r" }, [{ ...one, resource: "* but r" }]],
    ["everyone", { Principal: "*", Action: "a:B", Resource: "r" }, [{ ...one, principal: "*" }]],
    [
      "everyone, spelt otherwise",
      { Principal: { AWS: "*" }, Action: "a:B", Resource: "r" },
      [{ ...one, principal: "*" }],
    ],
    [
      "everyone but one",
      { NotPrincipal: { AWS: "1" }, Action: "a:B", Resource: "r" },
      [{ ...one, principal: "*" }],
    ],
    [
      "several callers",
      { Principal: { Service: "s.com", AWS: ["1", "2"] }, Action: "a:B", Resource: "r" },
      ["s.com", "1", "2"].map((principal) => ({ ...one, principal })),
    ],
    ["no resource", { Action: "a:B" }, [{ ...one, resource: "" }]],
    [
      "a condition",
      { Action: "a:B", Resource: "r", Condition: { Bool: { x: "y" } } },
      [{ ...one, condition: '{"Bool":{"x":"y"}}' }],
    ],
    ["a refusal", { Effect: "Deny", Action: "a:B", Resource: "r" }, []],
  ])("%s", (_name, statement, grants) => {
    expect(grantsOfPolicy(policyText(statement))).toEqual(grants);
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
    ["everyone", "*", "", true],
    [
      "everyone with a condition on something else",
      "*",
      '{"Bool":{"aws:SecureTransport":"true"}}',
      true,
    ],
    ["everyone of one organization", "*", '{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}', false],
    [
      "everyone from one source, spelt otherwise",
      "*",
      '{"ArnLike":{"AWS:SourceArn":"arn:x"}}',
      false,
    ],
    ["one account", "123456789012", "", false],
    ["a service", "lambda.amazonaws.com", "", false],
    ["the policy's owner", "", "", false],
  ])("%s", (_name, principal, condition, expected) => {
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
