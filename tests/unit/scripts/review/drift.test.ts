import { driftedAddresses } from "../../../../scripts/review/drift.ts";
import { planChange, planOf } from "../../../helpers/plan-change.ts";

type Values = Record<string, unknown>;

/** Whether a change from one value to another counts as drift, in a plan with these resources. */
function isDrift(type: string, before: Values, after: Values): boolean {
  const drift = [planChange(type, { before, after })];
  return driftedAddresses({ ...planOf(ofRole), drift }).includes(`${type}.example`);
}

const ofRole = [
  ["aws_iam_role_policy", { role: "role", name: "own", policy: "{}" }] as const,
  ["aws_iam_role_policy_attachment", { role: "role", policy_arn: "arn:own" }] as const,
  ["aws_iam_role_policy", { role: "another", name: "of-another-role" }] as const,
].map(([type, before]) => planChange(type, { before }));

describe("driftedAddresses", () => {
  it.each<[string, Values, Values, boolean]>([
    ["nothing, spelt as an object", { tags: null }, { tags: {} }, false],
    ["nothing, spelt as a list", { layers: null }, { layers: [] }, false],
    ["nothing within a block", { block: [{ a: 1, b: null }] }, { block: [{ a: 1, b: {} }] }, false],
    ["an attribute that was not there", {}, { alarm_actions: [] }, false],
    ["a value", { memory: 1 }, { memory: 2 }, true],
    ["a value that was nothing", { tags: {} }, { tags: { owner: "x" } }, true],
    ["false where nothing was", { publish: null }, { publish: false }, true],
    ["an element", { list: [1] }, { list: [1, 2] }, true],
    ["a deleted resource", { memory: 1 }, {}, true],
  ])("of %s", (_name, before, after, expected) => {
    expect(isDrift("a", before, after)).toBe(expected);
  });

  it.each<[string, Values, boolean]>([
    ["its own policy", { inline_policy: [{ name: "own" }] }, false],
    ["its own attachment", { managed_policy_arns: ["arn:own"] }, false],
    ["another policy too", { inline_policy: [{ name: "own" }, { name: "planted" }] }, true],
    ["the name of another's", { inline_policy: [{ name: "of-another-role" }] }, true],
    ["another attachment", { managed_policy_arns: ["arn:planted"] }, true],
  ])("of a role that now repeats %s", (_name, now, expected) => {
    const role = { name: "role", inline_policy: [] };

    expect(isDrift("aws_iam_role", role, { ...role, ...now })).toBe(expected);
  });

  it.each<[string, Values, boolean]>([
    ["repeats its own policy", { policy: "{}" }, false],
    ["repeats its own expiry", { lifecycle_rule: [{ id: "expire" }] }, false],
    ["has another tag", { tags: { owner: "x" } }, true],
  ])("of a bucket that now %s", (_name, now, expected) => {
    expect(isDrift("aws_s3_bucket", { bucket: "b" }, { bucket: "b", ...now })).toBe(expected);
  });
});
