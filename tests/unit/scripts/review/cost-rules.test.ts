import { costRules } from "../../../../scripts/review/cost-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { findingsOf, planChange } from "../../../helpers/plan-change.ts";

const size = (memory_size: number, architecture = "x86_64") => ({
  memory_size,
  architectures: [architecture],
});
const reserved = (count: number) => ({ ...size(3008), reserved_concurrent_executions: count });
const snapStart = (apply_on: string) => ({ ...size(3008), snap_start: [{ apply_on }] });
const [on, off] = [snapStart("PublishedVersions"), snapStart("None")];
const snapshots =
  "snapshot-cost: $11.62 per month for each published version that is kept, $0.41 per 1,000 cold starts";

describe("a function", () => {
  const findings = (before: object, after: object) =>
    findingsOf(
      costRules,
      planChange("aws_lambda_function", { before: { ...before }, after: { ...after } }),
    );

  it.each([
    ["more memory than CPUs can use", size(3008), size(10240), ["$2.17", "$3.15"]],
    ["x86_64 to arm64", size(3008), size(3008, "arm64"), ["$2.17", "$4.42"]],
  ])("%s costs more", (_name, before, after, [from, to]) => {
    expect(findings(before, after)).toEqual([
      expect.stringMatching(
        new RegExp(`^tokens-cost-more: \\${from} \\(.*\\) → \\${to} \\(.*\\) per million tokens$`),
      ),
    ]);
  });

  it.each([
    ["raised", 6, "$25.38 per day (6 environments)"],
    ["removed", -1, "what the account's concurrency allows"],
  ])("whose reserved concurrency is %s", (_name, count, after) => {
    expect(findings(reserved(5), reserved(count))).toEqual([
      `spending-limit-raised: at most $21.15 per day (5 environments) before, ${after} after`,
    ]);
  });

  it("with snapshots is reported with the cost of snapshots and restores", () => {
    const created = planChange("aws_lambda_function", { kind: "create", after: on });

    expect(findingsOf(costRules, created)).toEqual([snapshots]);
    expect(findings(size(3008), on)).toEqual([snapshots]);
    expect(findings(off, on)).toEqual([snapshots]);
  });

  it.each([
    ["less memory", size(4096), size(3008)],
    ["the same memory", size(3008), size(3008)],
    ["a size below one CPU, where speed follows memory", size(1536), size(1769)],
    ["an unknown size", size(3008), {}],
    ["a lower limit", reserved(6), reserved(5)],
    ["a limit where there was none", reserved(-1), reserved(100)],
    ["the same limit", reserved(5), reserved(5)],
    ["snapshots as before", on, on],
    ["snapshots no longer", on, off],
  ])("with %s is no finding", (_name, before, after) => {
    expect(findings(before, after)).toEqual([]);
  });
});

describe("provisioned concurrency", () => {
  const kept = (count: number) => ({
    provisioned_concurrent_executions: count,
    function_name: "f",
  });
  const inference = planChange("aws_lambda_function", {
    kind: "keep",
    after: { ...size(3008), function_name: "f" },
  });
  const findings = (change: Partial<ResourceChange>, others = [inference]) =>
    findingsOf(costRules, planChange("aws_lambda_provisioned_concurrency_config", change), others);

  it("is reported with its cost while idle and the cost of tokens", () => {
    expect(findings({ kind: "create", after: kept(2) })).toEqual([
      "standing-cost: 0 → 2 environments kept warm: $0.00 → $64.33 per month while idle, $2.17 → $1.27 per million tokens",
    ]);
    expect(findings({ before: kept(2), after: kept(3) })).toEqual([
      "standing-cost: 2 → 3 environments kept warm: $64.33 → $96.50 per month while idle, $1.27 → $1.27 per million tokens",
    ]);
  });

  it("is reported without the function too", () => {
    expect(findings({ kind: "create", after: kept(2) }, [])).toEqual([
      "standing-cost: 0 → 2 environments kept warm",
    ]);
  });

  it.each([
    ["fewer", { before: kept(2), after: kept(1) }],
    ["the same", { before: kept(2), after: kept(2) }],
    ["removed", { kind: "delete", before: kept(2) }],
  ] as const)("%s is no finding", (_name, change) => {
    expect(findings(change)).toEqual([]);
  });
});
