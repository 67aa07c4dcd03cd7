import { fillUnknownPolicies } from "../../../../scripts/review/fill-unknown-policies.ts";
import { grantsOfPolicy } from "../../../../scripts/review/grants.ts";
import { planChange, planOf, policyText } from "../../../helpers/plan-change.ts";

const reference = "$" + "{aws_cloudwatch_log_group.example.arn}";
const stack = JSON.stringify({
  resource: { aws_iam_policy: { example: { policy: "synthesized", description: "synthesized" } } },
});

function filled(after: object, unknown: object) {
  const change = planChange("aws_iam_policy", { after: { ...after }, unknown });
  const plan = fillUnknownPolicies(planOf([change]), stack);
  const [first] = plan.resources;
  return { after: first?.after, unknown: first?.unknown };
}

describe("fillUnknownPolicies", () => {
  it("inserts a policy that the plan does not contain, and nothing else", () => {
    expect(filled({}, { policy: true, description: true })).toEqual({
      after: { policy: "synthesized" },
      unknown: { description: true },
    });
  });

  it("keeps a policy that the plan contains", () => {
    expect(filled({ policy: "planned" }, {})).toEqual({
      after: { policy: "planned" },
      unknown: {},
    });
  });

  it("ignores what the stack does not contain", () => {
    const change = planChange("aws_iam_policy", {
      address: "aws_iam_policy.other",
      unknown: { policy: true },
    });
    const plan = planOf([change]);

    expect(fillUnknownPolicies(plan, stack)).toEqual(plan);
    expect(fillUnknownPolicies(plan, "{}")).toEqual(plan);
  });

  it.each([
    [
      "is replaced under its name",
      { kind: "replace", before: { name: "a", arn: "arn:a" }, after: { name: "a" } },
      "arn:a",
    ],
    ["is kept", { kind: "keep", before: { arn: "arn:a" }, after: { arn: "arn:a" } }, "arn:a"],
    [
      "is replaced under another name",
      { kind: "replace", before: { name: "a", arn: "arn:a" }, after: { name: "b" } },
      reference,
    ],
    ["is created", { kind: "create", after: { name: "a" } }, reference],
    ["is not in the plan", undefined, reference],
  ] as const)("names a resource that %s", (_name, target, expected) => {
    const text = policyText({ Action: "logs:PutLogEvents", Resource: `${reference}:log-stream:*` });
    const policy = planChange("aws_iam_role_policy", { unknown: { policy: true } });
    const group = target && planChange("aws_cloudwatch_log_group", { ...target });
    const synthesized = JSON.stringify({
      resource: { aws_iam_role_policy: { example: { policy: text } } },
    });

    const plan = fillUnknownPolicies(planOf(group ? [policy, group] : [policy]), synthesized);

    expect(grantsOfPolicy(plan.resources[0]?.after.policy)).toEqual([
      expect.objectContaining({ resource: `${expected}:log-stream:*` }),
    ]);
  });
});
