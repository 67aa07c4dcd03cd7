import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { plansFolder } from "../../helpers/recorded-plan.ts";

/** Runs the script as make does. */
function review(environment: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(
    "node_modules/.bin/tsx",
    ["scripts/plan-review.ts"],
    {
      cwd: join(import.meta.dirname, "../../.."),
      encoding: "utf8",
      env: { PATH: process.env.PATH, TODAY: "2026-11-23", ...environment },
    },
  );
  return { status, stdout, stderr };
}

const plan = (name: string) => join(plansFolder, `${name}.json`);

describe("make plan-review", () => {
  it("prints Markdown and exits with 1 for a danger", () => {
    const plans = `${plan("service-every-danger")} ${plan("registry-every-danger")}`;
    const { status, stdout, stderr } = review({ PLANS: plans });

    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "Plan review: 14 dangers, 13 warnings\n",
    });
    expect(stdout).toMatch(
      /^<!-- bitnet-lambda plan review -->\n## Plan review: 14 dangers, 13 warnings\n/,
    );
  });

  it("exits with 0 for warnings", () => {
    expect(review({ PLANS: plan("service-first-deploy") }).status).toBe(0);
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
