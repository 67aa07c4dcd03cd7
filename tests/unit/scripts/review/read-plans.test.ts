import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PlanSource, readPlans } from "../../../../scripts/review/read-plans.ts";
import { reviewPlans } from "../../../../scripts/review/review-plans.ts";
import { plansFolder, planText } from "../../../helpers/recorded-plan.ts";
import { synthesizedText } from "../../../helpers/stack-config.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const stacksFolder = join(folder, "stacks");
beforeEach(() => rmSync(stacksFolder, { recursive: true, force: true }));

/** A fake Terraform with this script. */
function fakeTerraform(script: string): string {
  const path = join(folder, "terraform");
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

function read(options: Partial<PlanSource>) {
  return readPlans({ named: [], stacksFolder, terraform: "no-such-terraform", ...options });
}

function saveStack(name: string, files: Record<string, string>): string {
  const stack = join(stacksFolder, name);
  mkdirSync(stack, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(stack, file), text);
  return stack;
}

describe("readPlans", () => {
  it("reads the files that are named", async () => {
    const names = ["service-new-image", "registry-destroy"];

    const plans = await read({ named: names.map((name) => join(plansFolder, `${name}.json`)) });

    expect(plans.map(({ stack }) => stack)).toEqual(names);
  });

  it("reads saved plans through Terraform, and completes them from the synthesized stack", async () => {
    saveStack("service", {
      "plan.tfplan": "",
      "cdk.tf.json": synthesizedText("service"),
      "shown.json": planText("service-first-deploy"),
    });
    saveStack("not-planned", { "cdk.tf.json": "{}" });
    const terraform = fakeTerraform(
      '[ "$2 $3 $4" = "show -json plan.tfplan" ] && cat "$' + '{1#-chdir=}/shown.json"',
    );

    const plans = await read({ terraform });

    expect(plans.map(({ stack }) => stack)).toEqual(["service"]);
    expect(reviewPlans(plans, [], "2026-11-23").findings).toEqual([]);
  });

  it("passes on Terraform's error", async () => {
    const path = join(saveStack("service", { "plan.tfplan": "" }), "plan.tfplan");
    const terraform = fakeTerraform("echo 'Error: made by a newer Terraform' >&2; exit 1");

    await expect(read({ terraform })).rejects.toThrow(
      `${terraform} show -json ${path}: Error: made by a newer Terraform`,
    );
  });

  it("reports that Terraform is missing", async () => {
    saveStack("service", { "plan.tfplan": "" });

    await expect(read({})).rejects.toThrow("no-such-terraform is not installed");
  });

  it.each([
    ["there is no plan", [], /There is no saved plan: run `make plan`/],
    ["a plan is not there", ["a.json"], /^a\.json does not exist\.$/],
  ])("reports that %s", async (_name, named, message) => {
    await expect(read({ named })).rejects.toThrow(message);
  });
});
