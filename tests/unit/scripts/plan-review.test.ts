import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { plansFolder } from "../../helpers/recorded-plan.ts";

/** Runs the script as make does. */
function review(environment: Record<string, string>) {
  const options = {
    cwd: join(import.meta.dirname, "../../.."),
    env: { PATH: process.env.PATH, TODAY: "2026-11-23", ...environment },
  };
  const script = "scripts/plan-review.ts";
  const { status, stdout, stderr } = spawnSync("node_modules/.bin/tsx", [script], options);
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

const plan = (name: string) => join(plansFolder, `${name}.json`);

describe("make plan-review", () => {
  it("prints Markdown and exits with 1 for a danger", () => {
    const plans = `${plan("service-every-danger")} ${plan("registry-every-danger")}`;
    const headline = "Plan review: 15 dangers, 15 warnings\n";

    expect(review({ PLANS: plans })).toEqual({
      status: 1,
      stdout: expect.stringMatching(`^<!-- bitnet-lambda plan review -->\n## ${headline}`),
      stderr: headline,
    });
  });

  it("prints an error without a stack trace", () => {
    const answer = review({ PLANS: plan("service-no-changes"), FAIL_ON: "bad" });

    expect(answer).toEqual({
      status: 1,
      stdout: "",
      stderr: "\nFAIL_ON=bad: must be one of danger, warning, note\n",
    });
  });
});
