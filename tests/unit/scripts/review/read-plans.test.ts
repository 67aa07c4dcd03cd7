import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type PlanSource, readPlans } from "../../../../scripts/review/read-plans.ts";
import { reviewMarkdown } from "../../../../scripts/review/review-markdown.ts";
import { reviewPlans } from "../../../../scripts/review/review-plans.ts";
import { plansFolder, planText, recordedPlan } from "../../../helpers/recorded-plan.ts";
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

/** The review of a plan by the installed Terraform; `undefined`, with a message, if there is none. */
async function realReview(): Promise<string | undefined> {
  const stack = join(stacksFolder, "terraform-data");
  cpSync(join(plansFolder, "terraform-data"), stack, { recursive: true });
  const env = { PATH: process.env.PATH, HOME: folder, CHECKPOINT_DISABLE: "1" };
  for (const command of ["init", "apply -auto-approve", "plan -out=plan.tfplan -var=size=2"]) {
    const args = [`-chdir=${stack}`, ...command.split(" ")];
    const { error, status, stderr } = spawnSync("terraform", args, { encoding: "utf8", env });
    if (error) {
      process.stderr.write(`not compared with a real plan: ${error.message}\n`);
      return undefined;
    }
    if (status !== 0) throw new Error(`terraform ${command}: ${stderr}`);
  }
  return reviewMarkdown(reviewPlans(await read({ terraform: "terraform" }), [], "2026-11-23"));
}

describe("a plan of the installed Terraform", () => {
  it("is reviewed like the recorded one, and its secret is not shown", async () => {
    const recorded = { ...recordedPlan("terraform-data-change"), stack: "terraform-data" };
    const expected = reviewMarkdown(reviewPlans([recorded], [], "2026-11-23"));

    const review = (await realReview()) ?? expected;

    expect(review).toBe(expected);
    expect(review).not.toContain("hush");
  }, 60_000);
});
