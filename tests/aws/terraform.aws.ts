import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteBucketPolicyCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { runCommand } from "../../scripts/cli/run-command.ts";
import { runSteps, type Step } from "../../scripts/cli/steps.ts";
import { deploymentSteps } from "../../scripts/deploy/deployment.ts";
import {
  createDeploymentDependencies,
  type DeploymentDependencies,
} from "../../scripts/deploy/deployment-dependencies.ts";
import { destructionSteps, inventoryLines } from "../../scripts/deploy/destruction.ts";
import { planningSteps } from "../../scripts/deploy/planning.ts";
import { stackFolder } from "../../scripts/deploy/terraform.ts";
import { driftedAddresses } from "../../scripts/review/drift.ts";
import { readPlans } from "../../scripts/review/read-plans.ts";
import { type PlanReview, reviewPlans } from "../../scripts/review/review-plans.ts";
import { awsProviderVersion } from "../../stacks/base-stack.ts";
import { type StackKind, stackKinds } from "../../stacks/resource-names.ts";
import type { RunningServer } from "../helpers/http-server.ts";
import { stackConfig } from "../helpers/stack-config.ts";
import { serveAwsLikeMoto } from "./aws-like-moto.ts";
import {
  type ProviderSchema,
  readSchema,
  removeUnknownArguments,
  serveProvider,
} from "./aws-provider.ts";
import { putImage, requireEmulator } from "./emulated-aws.ts";
import { recordPlan } from "./record-plan.ts";

type Variables = Record<string, string>;

const terraform = process.env.TERRAFORM || "terraform";
const environmentBefore = { ...process.env };

/** Why nothing can be tested here; `undefined` if everything can. */
let obstacle: string | undefined;
let schema: ProviderSchema = new Map();
let moto: RunningServer | undefined;
const folder = realpathSync(mkdtempSync(join(tmpdir(), "bitnet-test-aws-")));
const checkoutBefore = process.cwd();
const removedArguments = new Set<string>();

beforeAll(async () => {
  moto = await serveAwsLikeMoto(await requireEmulator());
  process.env.AWS_ENDPOINT_URL = moto.url;
  const place = join(folder, "provider");
  mkdirSync(place);
  try {
    const { environment, name } = await serveProvider(place, terraform, awsProviderVersion);
    Object.assign(process.env, environment);
    schema = await readSchema(place, terraform, awsProviderVersion);
    process.stderr.write(`${terraform} runs with ${name}\n`);
  } catch (error) {
    obstacle = (error as Error).message;
    process.stderr.write(`NOT RUN: ${obstacle}\n`);
  }
  mkdirSync(join(folder, "checkout"));
  process.chdir(join(folder, "checkout"));
});

afterAll(async () => {
  process.chdir(checkoutBefore);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environmentBefore);
  const names = [...removedArguments].join(", ");
  if (names) process.stderr.write(`left out, because the provider does not know them: ${names}\n`);
  await moto?.close();
  rmSync(folder, { recursive: true });
});

/** A test that needs a provider. */
function withProvider(title: string, test: () => Promise<void>): void {
  it(title, async () => {
    if (obstacle === undefined) await test();
  });
}

/** The real Terraform and stacks; images come from PutImage, and moto gives out no layers. */
function dependenciesOf(variables: Variables, tag = "0123abcd"): DeploymentDependencies {
  const environment = { ...process.env, ...variables };
  const dependencies = createDeploymentDependencies(stackConfig(variables), environment);
  const { config, clients, registry, builder } = dependencies;
  jest.spyOn(registry, "requireRunnable").mockResolvedValue();
  jest.spyOn(builder, "tag").mockResolvedValue(tag);
  jest.spyOn(builder, "push").mockImplementation(async (url) => {
    await putImage(clients.ecr, url.split("/")[1] ?? "", tag);
  });
  return {
    ...dependencies,
    requireContainerTool: async () => "docker",
    async synthesize() {
      await dependencies.synthesize();
      for (const kind of stackKinds) {
        const path = join(stackFolder(config, kind), "cdk.tf.json");
        for (const name of removeUnknownArguments(path, schema)) removedArguments.add(name);
        useBucketsByPath(path);
      }
    },
  };
}

/** moto has one host name for all buckets. */
function useBucketsByPath(path: string): void {
  const stack = JSON.parse(readFileSync(path, "utf8"));
  for (const aws of stack.provider.aws) aws.s3_use_path_style = true;
  writeFileSync(path, JSON.stringify(stack));
}

async function run(steps: readonly Step[]): Promise<string> {
  const lines: string[] = [];
  const { signal } = new AbortController();
  await runSteps(steps, { command: "deploy", writeLine: (line) => lines.push(line), signal });
  return lines.join("\n");
}

/** The review of the plans of both stacks, saved or just applied. */
async function reviewOf({ config }: DeploymentDependencies): Promise<PlanReview> {
  const folders = stackKinds.map((kind) => stackFolder(config, kind));
  const named = folders
    .flatMap((stack) => [join(stack, "plan.tfplan"), join(stack, "plan.applied.tfplan")])
    .filter(existsSync);
  return reviewPlans(await readPlans({ named, stacksFolder: "", terraform }), [], "2026-11-26");
}

/** `update aws_lambda_function` for each change of a review's plans, sorted. */
function changesIn({ plans }: PlanReview): string[] {
  return plans
    .flatMap(({ resources }) => resources)
    .filter(({ kind }) => kind !== "keep")
    .map(({ kind, type }) => `${kind} ${type}`)
    .toSorted();
}

/** With `RECORD_PLANS=1`, writes a plan of the development environment to `tests/fixtures/plans/`. */
async function record(kind: StackKind, file: string, name: string): Promise<void> {
  const path = join(stackFolder(stackConfig(), kind), file);
  if (process.env.RECORD_PLANS) await recordPlan(terraform, path, name);
}

/** Deploys, and plans again; the review of what was applied. Nothing must be left to do. */
async function deploy(
  variables: Variables,
  { tag, recordAs = {} }: { tag?: string; recordAs?: Partial<Record<StackKind, string>> } = {},
): Promise<PlanReview> {
  const dependencies = dependenciesOf(variables, tag);
  await run(deploymentSteps(dependencies));
  const applied = await reviewOf(dependencies);
  for (const kind of stackKinds) {
    const name = recordAs[kind];
    if (name) await record(kind, "plan.applied.tfplan", name);
  }
  const lines = await run(planningSteps(dependencies, () => {}));
  const second = await reviewOf(dependencies);
  expect(changesIn(second)).toEqual([]);
  expect(lines.match(/\] no changes: /g)).toHaveLength(2);
  expect(second.plans.flatMap(driftedAddresses)).toEqual([]);
  return applied;
}

const versionPublished = ["update aws_lambda_alias", "update aws_lambda_function"];
const permission = (kind: string, count: number) =>
  Array<string>(count).fill(`${kind} aws_lambda_permission`);

describe("real Terraform and its AWS provider on the stacks, against moto", () => {
  const iam = { FUNCTION_URL: "AWS_IAM", CORS_ORIGINS: "https://a.example" };
  const callers = (...names: readonly string[]) => ({
    ...iam,
    FUNCTION_URL_CALLERS: names.join(","),
  });
  const role = "arn:aws:iam::210987654321:role/caller";

  withProvider("validates the stacks with every setting in use", async () => {
    const dependencies = dependenciesOf({
      ...callers("210987654321", role),
      LAMBDA_CONCURRENCY_LIMIT: "3",
      LAMBDA_PROVISIONED_CONCURRENCY: "1",
      LOG_KMS_KEY_ARN: "arn:aws:kms:us-east-1:123456789012:key/a",
      ALARM_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:alarms",
      BITNET_LOG_LEVEL: "error",
      TAGS: "team=ml",
    });
    await dependencies.synthesize();

    for (const kind of stackKinds) {
      const chdir = `-chdir=${stackFolder(dependencies.config, kind)}`;
      await runCommand({ file: terraform, args: [chdir, "init", "-input=false"] });
      const { stdout } = await runCommand({ file: terraform, args: [chdir, "validate", "-json"] });
      expect(JSON.parse(stdout)).toMatchObject({ valid: true, diagnostics: [] });
    }
    rmSync("cdktf.out", { recursive: true });
  });

  withProvider("deploys the default without a finding, and has nothing to do after", async () => {
    const recordAs = { registry: "registry-first-deploy", service: "service-first-deploy" };

    expect((await deploy({}, { recordAs })).findings).toEqual([]);

    await record("service", "plan.tfplan", "service-no-changes");
  });

  withProvider("changes the memory in place", async () => {
    expect(changesIn(await deploy({ LAMBDA_MEMORY_SIZE: "2048" }))).toEqual([
      "update aws_cloudwatch_dashboard",
      ...versionPublished,
    ]);
  });

  withProvider("deploys a new image in place, and reports what was changed outside", async () => {
    const { clients } = dependenciesOf({});
    const logGroupName = "/aws/lambda/bitnet-lambda-dev-function";
    await clients.logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 30 }));

    const applied = await deploy(
      { LAMBDA_MEMORY_SIZE: "2048" },
      { tag: "4567cdef", recordAs: { service: "service-new-image" } },
    );

    expect(changesIn(applied)).toEqual(
      ["update aws_cloudwatch_log_group", ...versionPublished].toSorted(),
    );
    expect(applied.plans.flatMap(driftedAddresses)).toEqual(["aws_cloudwatch_log_group.logs"]);
  });

  withProvider("refuses a saved plan after the state has changed", async () => {
    const variables = { LAMBDA_MEMORY_SIZE: "1769" };
    const planned = dependenciesOf(variables);
    const plan = join(stackFolder(planned.config, "service"), "plan.tfplan");
    await run(planningSteps(planned, () => {}));
    cpSync(plan, "packed.tfplan");
    await deploy({ LAMBDA_MEMORY_SIZE: "3008" });
    cpSync("packed.tfplan", plan);

    const saved = dependenciesOf({ ...variables, SAVED_PLAN: "1" });

    await expect(run(deploymentSteps(saved))).rejects.toThrow(/stale[\s\S]*run `make plan` again/);
  });

  withProvider("adds a URL for this account, and replaces no permission later", async () => {
    const applied = await deploy(iam);

    const created = ["create aws_lambda_function_url", ...permission("create", 2)];
    expect(changesIn(applied)).toEqual(created);
    expect(applied.findings.map(({ rule }) => rule)).not.toContain("external-account");
  });

  withProvider("lets in callers by account id and role, and removes one of them", async () => {
    const added = await deploy(callers("210987654321", "310987654321", role));
    const removed = await deploy(callers("310987654321", role));

    expect(changesIn(added)).toEqual([...permission("create", 6), ...permission("delete", 2)]);
    expect(added.findings.map(({ rule }) => rule)).toEqual(Array(6).fill("external-account"));
    expect(changesIn(removed)).toEqual(permission("delete", 2));
  });

  withProvider("opens the URL to everyone with a key", async () => {
    // The same CORS, which moto would not take away.
    const open = { ...iam, FUNCTION_URL: "NONE", BITNET_API_KEY_SHA256: "a".repeat(64) };

    const { findings } = await deploy(open);

    expect(new Set(findings.map(({ rule }) => rule))).toEqual(
      new Set(["public-url", "public-policy"]),
    );
  });

  withProvider("deploys and destroys another region beside the first", async () => {
    const [here, there] = [dependenciesOf({}), dependenciesOf({ AWS_REGION: "eu-west-1" })];
    await deploy({});
    await deploy({ AWS_REGION: "eu-west-1" });

    await run(destructionSteps(there));

    expect(await inventoryLines(there)).toEqual([]);
    expect((await inventoryLines(here)).length).toBeGreaterThan(10);
    await deploy({});
  });

  withProvider("adds batches, and has nothing to do after", async () => {
    const { findings, ...applied } = await deploy({ BATCH: "on" });

    expect(changesIn({ findings, ...applied })).toEqual([
      "create aws_cloudwatch_log_group",
      "create aws_cloudwatch_metric_alarm",
      "create aws_iam_role",
      "create aws_iam_role_policy",
      "create aws_s3_bucket",
      "create aws_s3_bucket_lifecycle_configuration",
      "create aws_s3_bucket_policy",
      "create aws_s3_bucket_public_access_block",
      "create aws_s3_bucket_server_side_encryption_configuration",
      "create aws_sfn_state_machine",
      "update aws_cloudwatch_dashboard",
    ]);
    expect(findings.filter(({ severity }) => severity === "danger")).toEqual([]);
    expect(findings.map(({ rule }) => rule)).toContain("batch-spending");
    const s3 = new S3Client({ region: "us-east-1", forcePathStyle: true });
    const Bucket = "bitnet-lambda-dev-us-east-1-batch-123456789012";
    // moto is asked without TLS, which the bucket's policy refuses.
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "run/results/0", Body: "[]" }));
  });

  withProvider("destroys all, the batches' bucket with what is in it", async () => {
    const dependencies = dependenciesOf({});
    for (const kind of stackKinds) {
      const digest = `none@sha256:${"0".repeat(64)}`;
      const variables = kind === "service" ? [`-var=image_uri=${digest}`] : [];
      const chdir = `-chdir=${stackFolder(dependencies.config, kind)}`;
      const args = [chdir, "plan", "-destroy", "-out=destroy.tfplan", ...variables];
      await runCommand({ file: terraform, args });
      await record(kind, "destroy.tfplan", `${kind}-destroy`);
    }

    await run(destructionSteps(dependencies));

    expect(await inventoryLines(dependencies)).toEqual([]);
  });
});
