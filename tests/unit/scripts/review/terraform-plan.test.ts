import { driftedAddresses } from "../../../../scripts/review/drift.ts";
import { parseTerraformPlan } from "../../../../scripts/review/terraform-plan.ts";
import { planText, recordedPlan } from "../../../helpers/recorded-plan.ts";

describe("parseTerraformPlan", () => {
  it("reads a plan that Terraform printed", () => {
    const { resources } = recordedPlan("terraform-data-change");

    const change = (name: string, kind: string, reason?: string, replacePaths: unknown = []) => ({
      address: `terraform_data.${name}`,
      kind,
      reason,
      replacePaths,
    });
    expect(resources).toMatchObject([
      change("dependent", "update"),
      change("gone[0]", "delete", "delete_because_count_index"),
      change("kept", "update"),
      change("replaced", "replace", "replace_because_cannot_update", [["triggers_replace"]]),
    ]);
  });

  it("omits data sources, and lists drifted resources", () => {
    const plan = recordedPlan("service-new-image");

    expect(plan.resources.filter(({ address }) => address.startsWith("data."))).toEqual([]);
    expect(driftedAddresses(plan)).toEqual(["aws_cloudwatch_log_group.logs"]);
  });

  it.each([
    ["no-op", "keep"],
    ["read", "keep"],
    ["create", "create"],
    ["update", "update"],
    ["delete", "delete"],
    ["forget", "forget"],
    ["delete,create", "replace"],
    ["create,delete", "replace"],
    ["create,forget", "replace"],
  ])("reads the actions %s as %s", (actions, kind) => {
    const masks = { after_unknown: {}, before_sensitive: {}, after_sensitive: {} };
    const change = { actions: actions.split(","), ...masks };
    const resource = { address: "a.b", type: "a", change };
    const text = JSON.stringify({ format_version: "1.2", resource_changes: [resource] });

    expect(parseTerraformPlan(text, "stack").resources[0]?.kind).toBe(kind);
  });

  it.each([
    ["no JSON", "Plan: 1 to add", /this is not JSON; create it with `terraform show -json/],
    ["no plan", "{}", /not what `terraform show -json PLANFILE` prints:[\s\S]*format_version/],
    ["another format", '{"format_version":"2.0"}', /a format that this review does not support/],
    ["a failed plan", '{"format_version":"1.2","errored":true}', /could not finish this plan/],
    [
      "an unknown action",
      planText("service-no-changes").replace('"no-op"', '"explode"'),
      /\[explode\], which this review does not support/,
    ],
  ])("refuses %s", (_name, text, message) => {
    expect(() => parseTerraformPlan(text, "stack")).toThrow(message);
  });
});
