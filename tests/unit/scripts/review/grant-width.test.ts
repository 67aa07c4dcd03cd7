import {
  isPublic,
  isWildcardAction,
  isWildcardResource,
} from "../../../../scripts/review/grant-width.ts";
import type { Grant } from "../../../../scripts/review/grants.ts";

const grant = (changed: Partial<Grant>): Grant => ({
  principal: "",
  action: "sqs:SendMessage",
  resource: "arn:aws:sqs:us-east-1:123456789012:queue",
  condition: "",
  ...changed,
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: that is how Terraform refers to a value.
const reference = "${aws_cloudwatch_log_group.logs.arn}";

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
    expect(isPublic(grant({ principal, condition }))).toBe(expected);
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
    expect(isWildcardAction(grant({ action }))).toBe(expected);
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
    expect(isWildcardResource(grant({ resource }))).toBe(expected);
  });
});
