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
  it("puts in a policy that the plan does not tell, and nothing else", () => {
    expect(filled({}, { policy: true, description: true })).toEqual({
      after: { policy: "synthesized" },
      unknown: { description: true },
    });
  });

  it("leaves a policy that the plan tells", () => {
    expect(filled({ policy: "planned" }, {})).toEqual({
      after: { policy: "planned" },
      unknown: {},
    });
  });

  it("leaves what the stack does not have", () => {
    const change = planChange("aws_iam_policy", {
      address: "aws_iam_policy.other",
      unknown: { policy: true },
    });
    const plan = { stack: "stack", resources: [change], drifted: [] };

    expect(fillUnknownPolicies(plan, stack)).toEqual(plan);
    expect(fillUnknownPolicies(plan, "{}")).toEqual(plan);
  });
});
