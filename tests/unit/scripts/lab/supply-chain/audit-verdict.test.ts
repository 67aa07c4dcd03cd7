import { auditVerdict } from "../../../../../scripts/lab/supply-chain/audit-verdict.ts";

const report = (vulnerabilities: object) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: {} });

describe("auditVerdict", () => {
  it.each([
    ["nothing found", report({}), { kind: "clean" }],
    ["little found", report({ a: { severity: "moderate" } }), { kind: "clean" }],
    [
      "much found",
      report({ a: { severity: "high" }, b: { severity: "low" }, c: { severity: "critical" } }),
      { kind: "vulnerable", packages: ["a (high)", "c (critical)"] },
    ],
    [
      // Recorded from npm 11.19.1 with a registry that takes no audits.
      "a registry without audits",
      '{"message":"405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk","statusCode":405,"error":{"summary":"","detail":""}}',
      { kind: "not-asked", reason: "405 Method Not Allowed" },
    ],
    [
      "no network",
      '{"error":{"code":"ENOTFOUND","summary":"request failed"}}',
      { kind: "not-asked", reason: "request failed" },
    ],
    ["no JSON", "npm error", { kind: "not-asked", reason: "npm audit gave no answer" }],
    ["nothing at all", "", { kind: "not-asked", reason: "npm audit gave no answer" }],
  ])("of %s", (_name, output, verdict) => {
    expect(auditVerdict(output)).toEqual(verdict);
  });
});
