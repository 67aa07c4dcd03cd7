import { diagnose } from "../../../../scripts/deploy/doctor-checks.ts";
import { cloudWorkspace } from "../../../helpers/cloud-workspace.ts";

const workspace = cloudWorkspace();

/** The diagnoses as lines: what is good with a plus in front. */
async function doctor(variables: Record<string, string> = {}): Promise<string[]> {
  const diagnoses = await diagnose(workspace.dependencies(variables));
  return diagnoses.map(({ title, isGood, text }) => `${isGood ? "+" : "-"} ${title}: ${text}`);
}

describe("make doctor", () => {
  it("finds everything in place", async () => {
    expect(await doctor()).toEqual([
      `+ Node.js: ${process.version}`,
      "+ Terraform: 1.11.4",
      "+ container tool: docker",
      expect.stringMatching(/^\+ curl: \d/),
      "+ model and engine pins: image 0123abcd",
      "+ AWS credentials: account 123456789012, us-east-1",
      "+ ECR: may be read",
      "+ Lambda quotas: 10 concurrent executions",
    ]);
  });

  it("names everything that is missing at once", async () => {
    workspace.set({ TERRAFORM: "nowhere", CONTAINER_TOOL: "nowhere", AWS_ACCESS_KEY_ID: "" });
    workspace.tools.faults.image = "tag";

    const missing = (await doctor()).filter((line) => line.startsWith("-"));

    expect(missing).toEqual([
      expect.stringContaining("Get Terraform 1.10 or newer"),
      expect.stringContaining("must be one of docker"),
      expect.stringContaining("run `make init`"),
      expect.stringMatching(
        /^- AWS credentials: (?!AWS credentials).*no AWS credentials were found/s,
      ),
      "- ECR: cannot be checked without AWS credentials",
      "- Lambda quotas: cannot be checked without AWS credentials",
    ]);
  });

  it("says before an apply that concurrency cannot be reserved", async () => {
    const lines = await doctor({ LAMBDA_CONCURRENCY_LIMIT: "1" });

    expect(lines.at(-1)).toContain("- Lambda quotas: 10 concurrent executions are free");
  });
});
