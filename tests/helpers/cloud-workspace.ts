import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSteps, type Step } from "../../scripts/cli/steps.ts";
import {
  createDeploymentDependencies,
  type DeploymentDependencies,
} from "../../scripts/deploy/deployment-dependencies.ts";
import { type AwsEmulator, startAwsEmulator } from "./emulators/aws-emulator.ts";
import { type FakeTools, startFakeTools } from "./fakes/fake-tools.ts";
import { stackConfig } from "./stack-config.ts";

const fakeTool = join(import.meta.dirname, "../fixtures/fake-tool.sh");

/** The fake programs, and credentials that the emulator takes. */
function environmentOf(
  folder: string,
  emulator: AwsEmulator,
  tools: FakeTools,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: "emulated",
    AWS_SECRET_ACCESS_KEY: "emulated",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    TERRAFORM: join(folder, "bin/terraform"),
    IMAGE_BUILDER: join(folder, "bin/image-builder"),
    FAKE_TOOLS_PORT: String(tools.port),
    CONTAINER_TOOL: "docker",
    PATH: `${folder}/bin:${process.env.PATH}`,
  };
}

/** An empty folder, an empty AWS account and fake programs; a deployment runs in it. */
export interface CloudWorkspace {
  readonly emulator: AwsEmulator;
  readonly tools: FakeTools;
  /** Variables of this process while the workspace is open. */
  readonly environment: Record<string, string>;
  dependencies(variables?: Record<string, string>): DeploymentDependencies;
  /** Runs steps; the progress lines. */
  run(steps: readonly Step[], command?: string, signal?: AbortSignal): Promise<string[]>;
  /** Sets variables for what runs from now on. */
  set(variables: Record<string, string>): void;
  close(): Promise<void>;
}

/** A new workspace for each test of a file, in which this process works meanwhile. */
export function cloudWorkspace(): CloudWorkspace {
  const workspace = {} as CloudWorkspace;
  beforeEach(async () => void Object.assign(workspace, await openCloudWorkspace()));
  afterEach(() => workspace.close());
  return workspace;
}

/** Opens a workspace: this process works in it until it is closed. */
export async function openCloudWorkspace(): Promise<CloudWorkspace> {
  const emulator = await startAwsEmulator();
  const tools = await startFakeTools(emulator);
  const before = { folder: process.cwd(), environment: { ...process.env } };
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "bitnet-cloud-")));
  const environment = environmentOf(folder, emulator, tools);
  process.chdir(folder);
  mkdirSync("bin");
  symlinkSync("/bin/true", "bin/docker");
  for (const name of ["terraform", "image-builder", "container-tool"]) {
    symlinkSync(fakeTool, join("bin", name));
  }
  Object.assign(process.env, environment);
  return {
    emulator,
    tools,
    environment,
    dependencies: (variables = {}) =>
      createDeploymentDependencies(stackConfig(variables), { ...process.env, ...variables }),
    async run(steps, command = "deploy", signal = new AbortController().signal) {
      const lines: string[] = [];
      await runSteps(steps, {
        command,
        signal,
        writeLine: (line) => lines.push(line),
        now: () => 0,
      });
      return lines;
    },
    set: (variables) => Object.assign(process.env, variables),
    async close() {
      process.chdir(before.folder);
      for (const name of Object.keys(process.env)) {
        if (!(name in before.environment)) delete process.env[name];
      }
      Object.assign(process.env, before.environment);
      rmSync(folder, { recursive: true });
      await Promise.all([emulator.stop(), tools.stop()]);
    },
  };
}
