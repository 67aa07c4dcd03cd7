import { fillUnknownPolicies } from "../../../../scripts/review/fill-unknown-policies.ts";
import { planChange } from "../../../helpers/plan-change.ts";

const stack = JSON.stringify({
  resource: { aws_iam_policy: { example: { policy: "synthesized", description: "synthesized" } } },
});

function filled(after: object, unknown: object) {
  const change = planChange("aws_iam_policy", { after: { ...after }, unknown });
  const plan = fillUnknownPolicies({ stack: "stack", resources: [change], drifted: [] }, stack);
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
    const plan = { stack: "stack", resources: [change], drifted: [] };

    expect(fillUnknownPolicies(plan, stack)).toEqual(plan);
    expect(fillUnknownPolicies(plan, "{}")).toEqual(plan);
  });
});
