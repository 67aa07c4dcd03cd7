import { costRules } from "../../../../scripts/review/cost-rules.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { findingsOf, planChange } from "../../../helpers/plan-change.ts";

const size = (memory_size: number, architecture = "x86_64") => ({
  memory_size,
  architectures: [architecture],
});
const changed = (before: object, after: object) =>
  planChange("aws_lambda_function", { before: { ...before }, after: { ...after } });

describe("memory and architecture", () => {
  it.each([
    ["more memory than CPUs can use", size(3008), size(10240), ["$2.17", "$3.15"]],
    ["x86_64 to arm64", size(3008), size(3008, "arm64"), ["$2.17", "$4.42"]],
  ])("%s costs more", (_name, before, after, [from, to]) => {
    expect(findingsOf(costRules, changed(before, after))).toEqual([
      expect.stringMatching(
        new RegExp(`^tokens-cost-more: \\${from} \\(.*\\) → \\${to} \\(.*\\) per million tokens$`),
      ),
    ]);
  });

  it.each([
    ["less memory", size(4096), size(3008)],
    ["the same", size(3008), size(3008)],
    ["below one CPU, where speed follows memory", size(1536), size(1769)],
    ["an unknown size", size(3008), {}],
  ])("%s does not", (_name, before, after) => {
    expect(findingsOf(costRules, changed(before, after))).toEqual([]);
  });
});

describe("reserved concurrency", () => {
  const reserved = (count: number) => ({ ...size(3008), reserved_concurrent_executions: count });

  it.each([
    [
      "raised",
      5,
      6,
      ["$21.15 per day (5 environments) before", "$25.38 per day (6 environments) after"],
    ],
    [
      "removed",
      5,
      -1,
      ["$21.15 per day (5 environments) before", "what the account's concurrency allows after"],
    ],
  ])("%s", (_name, before, after, texts) => {
    expect(findingsOf(costRules, changed(reserved(before), reserved(after)))).toEqual([
      `spending-limit-raised: at most ${texts.join(", ")}`,
    ]);
  });

  it.each([
    ["lowered", 6, 5],
    ["set", -1, 100],
    ["the same", 5, 5],
  ])("%s is no finding", (_name, before, after) => {
    expect(findingsOf(costRules, changed(reserved(before), reserved(after)))).toEqual([]);
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
  const config = (change: Partial<ResourceChange>) =>
    planChange("aws_lambda_provisioned_concurrency_config", change);

  it("is reported with its cost while idle and the cost of tokens", () => {
    expect(findingsOf(costRules, config({ kind: "create", after: kept(2) }), [inference])).toEqual([
      "standing-cost: 0 → 2 environments kept warm: $0.00 → $64.33 per month while idle, $2.17 → $1.27 per million tokens",
    ]);
    expect(findingsOf(costRules, config({ before: kept(2), after: kept(3) }), [inference])).toEqual(
      [
        "standing-cost: 2 → 3 environments kept warm: $64.33 → $96.50 per month while idle, $1.27 → $1.27 per million tokens",
      ],
    );
  });

  it("is reported without the function too", () => {
    expect(findingsOf(costRules, config({ kind: "create", after: kept(2) }))).toEqual([
      "standing-cost: 0 → 2 environments kept warm",
    ]);
  });

  it.each([
    ["fewer", { before: kept(2), after: kept(1) }],
    ["the same", { before: kept(2), after: kept(2) }],
    ["removed", { kind: "delete", before: kept(2) }],
  ] as const)("%s is no finding", (_name, change) => {
    expect(findingsOf(costRules, config(change), [inference])).toEqual([]);
  });
});

describe("SnapStart", () => {
  const snapStart = (apply_on: string) => ({ ...size(3008), snap_start: [{ apply_on }] });
  const [on, off] = [snapStart("PublishedVersions"), snapStart("None")];
  const finding =
    "snapshot-cost: $11.62 per month for each published version that is kept, $0.41 per 1,000 cold starts";

  it("is reported with the cost of snapshots and restores", () => {
    const created = planChange("aws_lambda_function", { kind: "create", after: on });

    expect(findingsOf(costRules, created)).toEqual([finding]);
    expect(findingsOf(costRules, changed(size(3008), on))).toEqual([finding]);
    expect(findingsOf(costRules, changed(off, on))).toEqual([finding]);
  });

  it.each([
    ["that stays on", on, on],
    ["that is turned off", on, off],
  ])("%s is no finding", (_name, before, after) => {
    expect(findingsOf(costRules, changed(before, after))).toEqual([]);
  });
});
