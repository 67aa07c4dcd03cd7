import { grantsOfPolicy, newGrants } from "../../../../scripts/review/grants.ts";
import { policyText } from "../../../helpers/plan-change.ts";

const one = { principal: "", action: "a:B", resource: "r", condition: "" };

describe("grantsOfPolicy", () => {
  it.each([
    ["one action on one resource", { Action: "a:B", Resource: "r" }, [one]],
    [
      "lists",
      { Action: ["a:B", "a:C"], Resource: ["r", "s"] },
      [
        one,
        { ...one, resource: "s" },
        { ...one, action: "a:C" },
        { ...one, action: "a:C", resource: "s" },
      ],
    ],
    ["all but an action", { NotAction: "a:B", Resource: "r" }, [{ ...one, action: "* but a:B" }]],
    ["all but a resource", { Action: "a:B", NotResource: "r" }, [{ ...one, resource: "* but r" }]],
    ["everyone", { Principal: "*", Action: "a:B", Resource: "r" }, [{ ...one, principal: "*" }]],
    [
      "everyone, spelt otherwise",
      { Principal: { AWS: "*" }, Action: "a:B", Resource: "r" },
      [{ ...one, principal: "*" }],
    ],
    [
      "everyone but one",
      { NotPrincipal: { AWS: "1" }, Action: "a:B", Resource: "r" },
      [{ ...one, principal: "*" }],
    ],
    [
      "several callers",
      { Principal: { Service: "s.com", AWS: ["1", "2"] }, Action: "a:B", Resource: "r" },
      ["s.com", "1", "2"].map((principal) => ({ ...one, principal })),
    ],
    ["no resource", { Action: "a:B" }, [{ ...one, resource: "" }]],
    [
      "a condition",
      { Action: "a:B", Resource: "r", Condition: { Bool: { x: "y" } } },
      [{ ...one, condition: '{"Bool":{"x":"y"}}' }],
    ],
    ["a refusal", { Effect: "Deny", Action: "a:B", Resource: "r" }, []],
  ])("%s", (_name, statement, grants) => {
    expect(grantsOfPolicy(policyText(statement))).toEqual(grants);
  });

  it("reads a statement that stands alone", () => {
    const policy = JSON.stringify({ Statement: { Effect: "Allow", Action: "a:B", Resource: "r" } });

    expect(grantsOfPolicy(policy)).toEqual([one]);
  });

  it.each([undefined, null, "", "{", "[]", '"x"'])("has nothing for %j", (policy) => {
    expect(grantsOfPolicy(policy)).toEqual([]);
  });
});

describe("newGrants", () => {
  it("takes a change of any part as a new right", () => {
    const changed = (["principal", "action", "resource", "condition"] as const).map((part) => ({
      ...one,
      [part]: "other",
    }));

    expect(newGrants([one, ...changed], [one])).toEqual(changed);
    expect(newGrants([one], [one, ...changed])).toEqual([]);
  });
});
