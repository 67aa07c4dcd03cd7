import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { deploymentSteps, pushSteps } from "../../../../scripts/deploy/deployment.ts";
import { diagnose } from "../../../../scripts/deploy/doctor-checks.ts";
import { planningSteps } from "../../../../scripts/deploy/planning.ts";
import { cloudWorkspace } from "../../../helpers/cloud-workspace.ts";
import { emulatedImage, emulatedPassword } from "../../../helpers/emulators/aws-emulator.ts";

const repository = "bitnet-lambda-dev-images";
const functionName = "bitnet-lambda-dev-function";
const state = (kind: string) =>
  JSON.parse(readFileSync(`.state/bitnet-lambda-dev/us-east-1/${kind}.tfstate`, "utf8"));

const workspace = cloudWorkspace();

/** Deploys; the progress lines, or the message of why it stopped. */
async function deploy(variables: Record<string, string> = {}): Promise<string[] | string> {
  try {
    return await workspace.run(deploymentSteps(workspace.dependencies(variables)));
  } catch (error) {
    return (error as Error).message;
  }
}

const push = (variables: Record<string, string> = {}) =>
  workspace.run(pushSteps(workspace.dependencies(variables)), "push");

/** What is in the account and on this machine. */
function world() {
  const { repositories, functions } = workspace.emulator;
  return {
    images: [...(repositories.get(repository)?.keys() ?? [])],
    function: functions.get(functionName)?.imageUri,
    registry: state("registry"),
    service: state("service"),
  };
}

const finished = () => ({
  images: ["0123abcd"],
  function: `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repository}@${emulatedImage("amd64").digest}`,
});

describe("make deploy", () => {
  it("makes the registry, pushes the image, and makes the function of its digest", async () => {
    const lines = await deploy();

    expect(lines).toEqual([
      "[1/6] check tools, credentials and image …",
      "[1/6] account 123456789012, us-east-1, image 0123abcd: docker builds it (0.0 s)",
      "[2/6] synthesize the stacks …",
      "[2/6] cdktf.out/stacks/bitnet-lambda-dev-us-east-1-registry, cdktf.out/stacks/bitnet-lambda-dev-us-east-1-service (0.0 s)",
      "[3/6] apply the registry …",
      "[3/6] bitnet-lambda-dev-images: applied (0.0 s)",
      "[4/6] build and push the image …",
      "[4/6] 0123abcd is pushed (0.0 s)",
      "[5/6] check that Lambda can run the image …",
      expect.stringMatching(/^\[5\/6\] one image, x86_64, sha256:[0-9a-f]{64} \(0\.0 s\)$/),
      "[6/6] apply the function …",
      "[6/6] bitnet-lambda-dev-function: applied (0.0 s)",
    ]);
    expect(world()).toMatchObject(finished());
  });

  it("changes nothing the second time", async () => {
    await deploy();
    const before = world();
    workspace.emulator.actions.length = 0;

    const lines = await deploy();

    expect(lines).toContain("[3/6] bitnet-lambda-dev-images: no changes (0.0 s)");
    expect(lines).toContain("[4/6] 0123abcd is in the registry already (0.0 s)");
    expect(lines).toContain("[6/6] bitnet-lambda-dev-function: no changes (0.0 s)");
    expect(world()).toEqual(before);
    expect(workspace.emulator.actions.join(" ")).toBe(
      "GetCallerIdentity DescribeImages BatchGetImage GetDownloadUrlForLayer layer",
    );
  });

  it("deploys a new image and leaves the registry alone", async () => {
    await deploy();
    workspace.tools.faults.imageTag = "4567cdef";

    const lines = await deploy();

    expect(lines).toContain("[3/6] bitnet-lambda-dev-images: no changes (0.0 s)");
    expect(lines).toContain("[4/6] 4567cdef is pushed (0.0 s)");
    expect(world().images).toEqual(["0123abcd", "4567cdef"]);
  });

  // A number counts the resources that an apply makes before it is killed.
  it.each([
    [{ terraform: "fail:init:registry" }, 3, "registry may be made"],
    [{ terraform: "fail:plan:registry" }, 3, "registry may be made"],
    [{ terraform: "kill:apply:registry:0" }, 3, "registry may be made"],
    [{ terraform: "kill:apply:registry:1" }, 3, "registry may be made"],
    [{ image: "build" }, 4, "the image cannot be built"],
    [{ image: "push" }, 4, "push failed:\nbroken pipe"],
    [{ terraform: "fail:init:service" }, 6, "image is pushed"],
    [{ terraform: "fail:plan:service" }, 6, "image is pushed"],
    [{ terraform: "kill:apply:service:0" }, 6, "image is pushed"],
    [{ terraform: "kill:apply:service:9" }, 6, "image is pushed"],
    [{ terraform: "fail:apply:service" }, 6, "image is pushed"],
  ])("continues where it stopped: %j", async (faults, step, words) => {
    Object.assign(workspace.tools.faults, faults);

    const message = await deploy();
    Object.assign(workspace.tools.faults, { terraform: undefined, image: undefined });
    const lines = await deploy();
    const again = await deploy();

    expect(message).toContain(`make deploy stopped at [${step}/6]`);
    expect(message).toContain(words);
    expect(message).toMatch(/State: .*the (function|image) is/);
    expect(message).toContain("`make deploy` again");
    expect(lines).toHaveLength(12);
    expect(world()).toMatchObject(finished());
    expect(again).toContain("[6/6] bitnet-lambda-dev-function: no changes (0.0 s)");
  });

  it("keeps the registry's password out of every command line", async () => {
    await deploy();

    expect(workspace.tools.calls).toContainEqual(
      "container-tool login --username AWS --password-stdin 123456789012.dkr.ecr.us-east-1.amazonaws.com",
    );
    expect(workspace.tools.calls.join("\n")).not.toContain(emulatedPassword);
  });

  it.each([
    [{ isImageIndex: true }, "an index of 2 manifests"],
    [{ imageArchitecture: "arm64" }, "the image is for linux/arm64, the function for x86_64"],
  ])("refuses an image before the function is touched: %j", async (faults, reason) => {
    Object.assign(workspace.tools.faults, faults);

    const message = await deploy();

    expect(message).toContain("stopped at [5/6] check that Lambda can run the image");
    expect(message).toContain(reason);
    expect(workspace.emulator.functions.size).toBe(0);
  });

  it("builds for the architecture that is configured", async () => {
    await deploy({ LAMBDA_ARCHITECTURE: "arm64" });

    expect(world().function).toContain(emulatedImage("arm64").digest);
  });

  it.each<[Record<string, string>, { docker?: string } & Record<string, string>, string]>([
    [{ TERRAFORM: "/nowhere/terraform" }, {}, "is not installed. Get Terraform"],
    [{ CONTAINER_TOOL: "nowhere" }, {}, "must be one of docker"],
    [{}, { docker: "/bin/false" }, "docker: installed, but its daemon does not answer"],
    [{ AWS_ACCESS_KEY_ID: "" }, {}, "no AWS credentials were found"],
    [{ AWS_ENDPOINT_URL: "http://127.0.0.1:9" }, {}, "nothing listens there"],
    [{}, { terraformVersion: "1.9.8" }, "is 1.9.8, which is too old"],
    [{}, { image: "tag" }, "model.gguf does not exist: run `make init`"],
  ])("stops before anything is made: %j, %j", async (variables, { docker, ...faults }, reason) => {
    workspace.set(variables);
    Object.assign(workspace.tools.faults, faults);
    if (docker) {
      rmSync("bin/docker");
      symlinkSync(docker, "bin/docker");
    }

    const message = await deploy();

    expect(message).toContain("stopped at [1/6]");
    expect(message).toContain(reason);
    expect(message).toContain("State: nothing was made or changed.");
    expect(workspace.emulator.repositories.size).toBe(0);
  });

  it("tries once more when AWS throttles once", async () => {
    const failure = { status: 400, code: "ThrottlingException", message: "slowly", times: 1 };
    workspace.emulator.failures.set("DescribeImages", failure);

    expect(await deploy()).toHaveLength(12);
  });

  it("needs no container tool when the image is pushed already", async () => {
    await deploy();
    workspace.set({ CONTAINER_TOOL: "nowhere" });

    expect(await deploy()).toHaveLength(12);
  });

  it("refuses to use one account's state in another", async () => {
    await deploy();
    workspace.tools.faults.stateAccount = "999999999999";

    expect(await deploy()).toContain(
      "is in AWS account 999999999999, and you are signed in to 123456789012",
    );
  });

  it("says how to import what exists, with the variable that the function's stack requires", async () => {
    await push();
    workspace.tools.faults.terraform = "exists:apply:service";

    const message = await deploy();

    expect(message).toMatch(
      /-chdir=cdktf\.out\/stacks\/bitnet-lambda-dev-us-east-1-service import -var=image_uri=\S+@sha256:[0-9a-f]{64} ADDRESS NAME`/,
    );
  });
});

describe("TERRAFORM=tofu", () => {
  beforeEach(() => {
    symlinkSync(workspace.environment.TERRAFORM ?? "", "bin/tofu");
    workspace.set({ TERRAFORM: "tofu" });
  });

  it("deploys with OpenTofu", async () => {
    expect(await deploy()).toHaveLength(12);
    expect(world()).toMatchObject(finished());
  });

  it("names OpenTofu and its program in commands, failures and advice", async () => {
    const lines = deploymentSteps(workspace.dependencies()).flatMap(({ commands }) => commands);
    workspace.tools.faults.terraform = "exists:apply:registry";
    const failure = await deploy();
    workspace.tools.faults.terraformVersion = "1.9.8";
    const tooOld = await deploy();
    const [, terraform] = await diagnose(workspace.dependencies());

    expect(lines.join("\n")).toContain("tofu -chdir=");
    expect([...lines, failure, tooOld].join("\n")).not.toMatch(/\bterraform -chdir|Get Terraform/);
    expect(failure).toContain("tofu apply failed");
    expect(failure).toContain("`tofu -chdir=");
    expect(tooOld).toContain(
      "tofu is 1.9.8, which is too old. Get OpenTofu 1.10 or newer: https://opentofu.org/",
    );
    expect(terraform?.title).toBe("OpenTofu");
  });
});

describe("make push", () => {
  it("stops before the function", async () => {
    await push();

    const { repositories, functions } = workspace.emulator;
    expect([...(repositories.get(repository)?.keys() ?? [])]).toEqual(["0123abcd"]);
    expect(functions.size).toBe(0);
  });
});

describe("make plan", () => {
  const planPath = (kind: string) =>
    `cdktf.out/stacks/bitnet-lambda-dev-us-east-1-${kind}/plan.tfplan`;

  /** Plans; the progress lines and what was shown. */
  async function plan() {
    const shown: string[] = [];
    const steps = planningSteps(workspace.dependencies(), (text) => shown.push(text));
    return { lines: await workspace.run(steps, "plan"), shown };
  }

  /** Deploys the plans that are saved; the progress lines. */
  function deploySaved(variables: Record<string, string> = {}) {
    const dependencies = workspace.dependencies({ ...variables, SAVED_PLAN: "1" });
    return workspace.run(deploymentSteps(dependencies));
  }

  it("saves and shows the registry's plan; the function's waits for its image", async () => {
    const { lines, shown } = await plan();

    expect(lines).toContain(`[2/3] changes: ${planPath("registry")} (0.0 s)`);
    expect(lines.at(-1)).toContain("`make push` puts it there");
    expect(shown).toEqual(["Plan: 3 to add"]);
    expect(workspace.emulator.repositories.size).toBe(0);
  });

  it("saves what SAVED_PLAN=1 make deploy then applies, and nothing else", async () => {
    await push();
    const { lines } = await plan();

    await deploySaved();

    expect(lines).toContain(`[2/3] no changes: ${planPath("registry")} (0.0 s)`);
    expect(lines).toContain(`[3/3] changes: ${planPath("service")} (0.0 s)`);
    expect(world()).toMatchObject(finished());
  });

  it("looks for credentials before it fetches the provider", async () => {
    workspace.set({ AWS_ACCESS_KEY_ID: "" });

    await expect(plan()).rejects.toThrow("no AWS credentials were found");

    expect(workspace.tools.calls.join("\n")).not.toContain("init");
  });

  it("removes older plans, even if the function's must wait", async () => {
    await deploy();
    await plan();
    workspace.tools.faults.imageTag = "4567cdef";

    const { lines } = await plan();

    expect(lines.at(-1)).toContain("waits for image 4567cdef");
    await expect(deploySaved()).rejects.toThrow(
      "no plan of the service is saved: run `make plan` again",
    );
  });

  it("refuses a saved plan for another image than the one just found", async () => {
    await deploy();
    await plan();
    const service = world().service;
    workspace.tools.faults.imageTag = "4567cdef";
    workspace.tools.faults.imageArchitecture = "arm64";
    await push({ LAMBDA_ARCHITECTURE: "arm64" });

    const refused = deploySaved({ LAMBDA_ARCHITECTURE: "arm64" });

    await expect(refused).rejects.toThrow(
      /the saved plan of the service is for another image_uri:\n {2}planned: \S+\n {2}now: .*\nRun `make plan` again/,
    );
    expect(world().service).toEqual(service);
  });

  it.each([{ image: "push" }, { terraform: "fail:apply:service" }])(
    "applies saved plans again after a failure: %j",
    async (faults) => {
      await push();
      await plan();
      if ("image" in faults) workspace.emulator.repositories.get(repository)?.clear();
      Object.assign(workspace.tools.faults, faults);
      await expect(deploySaved()).rejects.toThrow("`make deploy` again");
      Object.assign(workspace.tools.faults, { image: undefined, terraform: undefined });

      const lines = await deploySaved();

      expect(lines).toContain(`[2/5] ${repository}: no changes (0.0 s)`);
      expect(lines).toContain(`[5/5] ${functionName}: applied (0.0 s)`);
      expect(world()).toMatchObject(finished());
    },
  );

  it("goes on with saved plans where the registry's was applied before", async () => {
    await plan();
    await expect(deploySaved()).rejects.toThrow("no plan of the service is saved");

    await expect(deploySaved()).rejects.toThrow("no plan of the service is saved");

    expect(state("registry").resources).not.toEqual({});
  });
});
