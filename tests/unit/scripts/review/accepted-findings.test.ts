import { parseAcceptedFindings } from "../../../../scripts/review/accepted-findings.ts";

const entry = {
  rule: "public-url",
  stack: "bitnet-lambda-dev-us-east-1-service",
  address: "aws_lambda_function_url.url",
  reason: "a demonstration for a week",
  expires: "2026-12-01",
};

function parse(text: string) {
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
    expect(parse(JSON.stringify(entries))).toEqual(entries);
  });

  it.each([
    [{ reason: "" }, /a reason must have at least 10 characters/],
    [{ reason: " ".repeat(20) }, /a reason must have at least 10/],
    [{ expires: undefined }, /must be a date such as 2027-01-31/],
    [{ expires: "2027-02-30" }, /must be a date such as 2027-01-31/],
    [{ expires: "2027-11-25" }, /at most a year ahead, 2027-11-24\s+→ at \[0\]\.expires/],
    [{ rule: "public" }, /must be one of public-url\s+→ at \[0\]\.rule/],
    [{ until: "2027" }, /Unrecognized key: "until"/],
    [{ reason: "", expires: "soon" }, /a reason must have[\s\S]*a date such as/],
  ])("refuses %j", (wrong, message) => {
    expect(() => parse(JSON.stringify([{ ...entry, ...wrong }]))).toThrow(message);
  });

  it("refuses what is no list, and no JSON", () => {
    expect(() => parse("{}")).toThrow(/expected array/);
    expect(() => parse("[")).toThrow(/^accepted\.json is not JSON\.$/);
  });
});
