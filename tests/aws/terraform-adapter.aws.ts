import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Terraform } from "../../scripts/deploy/terraform.ts";
import { requireTerraform } from "../../scripts/deploy/terraform-version.ts";
import { synthesized } from "../helpers/stack-config.ts";

const digest = `repository@sha256:${"0".repeat(64)}`;

/**
 * The service stack's own state, variable and version, with Terraform's built-in resource in the
 * place of AWS's: what can be run where the AWS provider cannot be had.
 */
function stackOfBuiltins(): string {
  const { terraform, variable } = synthesized("service");
  const { backend, required_version } = terraform;
  return JSON.stringify({
    terraform: { backend, required_version },
    variable,
    resource: { terraform_data: { image: { input: "$" + "{var.image_uri}" } } },
    output: { image: { value: "$" + "{terraform_data.image.output}" } },
  });
}

const checkout = process.cwd();
afterEach(() => process.chdir(checkout));

describe.each(["terraform", "tofu"])("the Terraform adapter on real %s", (program) => {
  it("plans, applies, finds nothing more to do, and destroys", async () => {
    const obstacle = await requireTerraform(program).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (obstacle !== undefined) {
      process.stderr.write(`NOT RUN: ${obstacle}\n`);
      return;
    }
    process.chdir(mkdtempSync(join(tmpdir(), "bitnet-terraform-")));
    const folder = "cdktf.out/stacks/service";
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "cdk.tf.json"), stackOfBuiltins());
    const terraform = new Terraform({ program, folder, logFile: "log" });

    await terraform.init();
    expect(await terraform.outputs()).toEqual({});
    expect(await terraform.resources()).toEqual([]);
    await expect(terraform.plan({ image_uri: "repository:tag" })).rejects.toThrow("by its digest");
    expect(await terraform.plan({ image_uri: digest })).toBe(true);
    expect(await terraform.show()).toContain("Plan: 1 to add");
    expect(await terraform.savedPlan()).toEqual({
      isApplied: false,
      hasChanges: true,
      variables: { image_uri: digest },
    });
    await terraform.applyPlan();
    expect(await terraform.savedPlan()).toMatchObject({ isApplied: true, hasChanges: true });
    expect(await terraform.outputs()).toEqual({ image: digest });
    expect(await terraform.resources()).toEqual(["terraform_data.image"]);
    expect(existsSync(".state/bitnet-lambda-dev/us-east-1/service.tfstate")).toBe(true);
    expect(await terraform.outputsWithoutProvider()).toEqual({ image: digest });
    expect(await terraform.plan({ image_uri: digest })).toBe(false);
    expect(await terraform.savedPlan()).toMatchObject({ isApplied: false, hasChanges: false });
    await terraform.destroy({ image_uri: digest });
    expect(await terraform.resources()).toEqual([]);
  });
});
