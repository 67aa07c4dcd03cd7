import { parseAcceptedFindings } from "../../../../scripts/review/accepted-findings.ts";

const entry = {
  rule: "public-url",
  stack: "bitnet-lambda-dev-us-east-1-service",
  address: "aws_lambda_function_url.url",
  reason: "a demonstration for a week",
  expires: "2026-12-01",
};

function parse(value: unknown) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const options = { path: "accepted.json", today: "2026-11-23", rules: ["public-url"] };
  return parseAcceptedFindings(text, options);
}

describe("parseAcceptedFindings", () => {
  it.each([
    ["nothing", []],
    ["an entry", [entry]],
    ["one that has expired", [{ ...entry, expires: "2020-01-01" }]],
    ["the longest time", [{ ...entry, expires: "2027-11-24" }]],
  ])("accepts %s", (_name, entries) => {
    expect(parse(entries)).toEqual(entries);
  });

  it.each([
    ["no JSON", "[", /^accepted\.json is not JSON\.$/],
    ["no list", {}, /expected array/],
    ["no reason", [{ ...entry, reason: "" }], /a reason must have at least 10 characters/],
    [
      "a reason of blanks",
      [{ ...entry, reason: " ".repeat(20) }],
      /a reason must have at least 10/,
    ],
    ["no date", [{ ...entry, expires: undefined }], /must be a date such as 2027-01-31/],
    [
      "a date that is none",
      [{ ...entry, expires: "2027-02-30" }],
      /must be a date such as 2027-01-31/,
    ],
    [
      "a day too late",
      [{ ...entry, expires: "2027-11-25" }],
      /must be at most a year ahead, 2027-11-24\s+→ at \[0\]\.expires/,
    ],
    [
      "a rule that is none",
      [{ ...entry, rule: "public" }],
      /must be one of public-url\s+→ at \[0\]\.rule/,
    ],
    ["an unknown field", [{ ...entry, until: "2027" }], /Unrecognized key: "until"/],
    [
      "several mistakes at once",
      [
        { ...entry, reason: "" },
        { ...entry, expires: "soon" },
      ],
      /a reason must have[\s\S]*a date such as/,
    ],
  ])("refuses %s", (_name, value, message) => {
    expect(() => parse(value)).toThrow(message);
  });
});
