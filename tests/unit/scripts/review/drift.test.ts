import { driftedAddresses } from "../../../../scripts/review/drift.ts";

type Values = Record<string, unknown>;

const role = (values: Values) => ({ name: "role", ...values });
const change = (type: string, before?: Values, after?: Values) => ({
  address: `${type}.example`,
  type,
  before,
  after,
});

/** Resources of the plan that belong to the role. */
const ownPolicies = [
  change("aws_iam_role_policy", { role: "role", name: "own", policy: "{}" }),
  change("aws_iam_role_policy_attachment", { role: "role", policy_arn: "arn:own" }),
  change("aws_iam_role_policy", { role: "another", name: "of-another-role" }),
];

describe("driftedAddresses", () => {
  it.each([
    ["nothing, spelt as an object", { tags: null }, { tags: {} }],
    ["nothing, spelt as a list", { layers: null }, { layers: [] }],
    ["nothing within a block", { block: [{ a: 1, b: null }] }, { block: [{ a: 1, b: {} }] }],
    ["an attribute that was not there", {}, { alarm_actions: [] }],
  ])("omits %s", (_name, before, after) => {
    expect(driftedAddresses([change("a", before, after)], [])).toEqual([]);
  });

  it.each([
    ["a value", { memory: 1 }, { memory: 2 }],
    ["a value that was nothing", { tags: {} }, { tags: { owner: "x" } }],
    ["false where nothing was", { publish: null }, { publish: false }],
    ["an element", { list: [1] }, { list: [1, 2] }],
    ["a deleted resource", { memory: 1 }, undefined],
  ])("keeps %s", (_name, before, after) => {
    expect(driftedAddresses([change("a", before, after)], [])).toEqual(["a.example"]);
  });

  it.each([
    ["its own policy", { inline_policy: [{ name: "own" }] }, []],
    ["its own attachment", { managed_policy_arns: ["arn:own"] }, []],
    [
      "another policy beside its own",
      { inline_policy: [{ name: "own" }, { name: "planted" }] },
      ["aws_iam_role.example"],
    ],
    [
      "a policy by the name of another role's",
      { inline_policy: [{ name: "of-another-role" }] },
      ["aws_iam_role.example"],
    ],
    ["another attachment", { managed_policy_arns: ["arn:planted"] }, ["aws_iam_role.example"]],
  ])("of a role that now repeats %s", (_name, now, addresses) => {
    const drift = change("aws_iam_role", role({ inline_policy: [] }), role(now));

    expect(driftedAddresses([drift], ownPolicies)).toEqual(addresses);
  });
});
