import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { type BatchDependencies, invokeBatch } from "../../runtime/batch/batch-invocation.ts";
import type { BatchResult } from "../../runtime/batch/batch-result.ts";
import type { BatchCloud } from "../../scripts/batch/batch-cloud.ts";
import { runBatchFile } from "../../scripts/batch/batch-run.ts";
import { cloudAnswering } from "../../scripts/batch/cloud-answering.ts";
import { fitForCloud } from "../../scripts/batch/cloud-batches.ts";
import { batchDefinition } from "../../stacks/batch/definition.ts";
import { never } from "../helpers/collect.ts";
import { scriptedService } from "../helpers/fakes/scripted-service.ts";
import { type Invocation, serveLambdaBesideMoto } from "./batch-moto.ts";
import { requireEmulator } from "./emulated-aws.ts";

const places = 4;
const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:f:live";

/** The function: our own handler, on an engine that repeats the prompt. */
function answerOurselves(event: unknown): Promise<object> {
  const context = { awsRequestId: crypto.randomUUID(), getRemainingTimeInMillis: () => 600_000 };
  const service = scriptedService();
  const dependencies: BatchDependencies = {
    config: { deadlineReserveMs: 60_000 },
    service,
    withResidentService: (use) => use(service),
  };
  return invokeBatch(dependencies, event, context);
}

interface BatchEvent {
  readonly batch: { readonly items: readonly { readonly custom_id: string }[] };
}

/** moto's interpreter refuses definitions that AWS and moto without it take. */
async function interpretStateMachines(isOn: boolean): Promise<void> {
  await fetch(`${motoUrl}/moto-api/config`, {
    method: "POST",
    body: JSON.stringify({ stepfunctions: { execute_state_machine: isOn } }),
  });
}

let motoUrl: string;
let lambda: Awaited<ReturnType<typeof serveLambdaBesideMoto>>;
let cloud: BatchCloud;
let invoke: (event: unknown) => Promise<Invocation>;

beforeAll(async () => {
  motoUrl = await requireEmulator();
  await interpretStateMachines(true);
  lambda = await serveLambdaBesideMoto(Number(process.env.MOTO_PORT), motoUrl, (event) =>
    invoke(event),
  );
  const common = { region: "us-east-1", endpoint: motoUrl };
  const s3 = new S3Client({ ...common, forcePathStyle: true });
  const states = new SFNClient(common);
  const bucket = "batches";
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const definition = batchDefinition({
    functionArn,
    bucketName: bucket,
    maxConcurrency: places,
    toleratedFailurePercentage: 20,
  });
  const { stateMachineArn = "" } = await states.send(
    new CreateStateMachineCommand({
      name: "batch",
      roleArn: "arn:aws:iam::123456789012:role/batch",
      definition: JSON.stringify(definition)
        // moto reads this number with a decimal point only, and writes no JSON but as text.
        .replace("$.batch.results", "States.JsonToString($.batch.results)")
        .replace(/("ToleratedFailurePercentage":\d+)/, "$1.0")
        .replaceAll(/"IntervalSeconds":\d/g, '"IntervalSeconds":1'),
    }),
  );
  cloud = { s3, states, bucket, stateMachineArn };
});

afterAll(async () => {
  await interpretStateMachines(false);
  await lambda.close();
});

/** A file of prompts; 5 of 500 are wrong in a way that only the function finds. */
function promptFile(count: number): string {
  const path = join(mkdtempSync(join(tmpdir(), "bitnet-batch-")), "in.jsonl");
  const lines = Array.from({ length: count }, (_, at) =>
    JSON.stringify({
      custom_id: `id-${at}`,
      method: "POST",
      url: "/v1/chat/completions",
      body: {
        ...(at % 100 === 50 && { model: "another" }),
        messages: [
          { role: "system", content: "Repeat." },
          { role: "user", content: `prompt ${at}` },
        ],
        max_tokens: 16,
      },
    }),
  );
  writeFileSync(path, lines.join("\n"));
  return path;
}

async function run(input: string, out: string): Promise<void> {
  const answering = cloudAnswering({
    cloud,
    places,
    approve: async () => undefined,
    report: () => undefined,
    signal: never(),
    pollMs: 200,
  });
  const context = { systemPrompt: undefined, modelName: undefined };
  const options = { input, out, skipsInvalid: false, context, fit: fitForCloud, signal: never() };
  await runBatchFile(options, answering);
}

function linesOf(path: string): BatchResult[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Every id is in exactly one of the two files, once. */
function expectComplete(out: string, answers: number, errors: number): void {
  const [answered, failed] = [linesOf(out), linesOf(`${out}.errors`)];
  expect([answered.length, failed.length]).toEqual([answers, errors]);
  const ids = [...answered, ...failed].map(({ custom_id }) => custom_id);
  expect(new Set(ids).size).toBe(answers + errors);
}

describe("make batch in the cloud, by an interpreter of the state machine", () => {
  it("answers 500 lines, though functions die and are throttled", async () => {
    const input = promptFile(500);
    const out = `${input}.out`;
    const mishaps: Invocation[] = [
      ...Array(10).fill({ throttled: true }),
      ...Array(3).fill({ died: true }),
    ];
    const met = new Set<string>();
    invoke = async (event) => {
      const { items } = (event as BatchEvent).batch;
      const first = items[0]?.custom_id ?? "";
      const isNew = !met.has(first);
      met.add(first);
      return (isNew && mishaps.pop()) || { outcome: await answerOurselves(event) };
    };

    await run(input, out);

    expect(mishaps).toEqual([]);
    expectComplete(out, 495, 5);
    expect(linesOf(`${out}.errors`).every(({ response }) => response.status_code === 404)).toBe(
      true,
    );
    const [first] = linesOf(out);
    expect(first).toMatchObject({
      custom_id: "id-0",
      response: {
        body: { choices: [{ message: { content: expect.stringContaining("prompt 0") } }] },
      },
    });
  });

  it("asks again what a failed run has left, and loses and repeats none", async () => {
    const input = promptFile(60);
    const out = `${input}.out`;
    const asked = new Map<string, number>();
    let isBroken = true;
    invoke = async (event) => {
      const { items } = (event as BatchEvent).batch;
      if (isBroken && items.some(({ custom_id }) => Number(custom_id.slice(3)) % 7 === 0)) {
        return { died: true };
      }
      for (const { custom_id } of items) asked.set(custom_id, (asked.get(custom_id) ?? 0) + 1);
      return { outcome: await answerOurselves(event) };
    };
    const isMended = setInterval(() => {
      isBroken &&= asked.size === 0;
    }, 100);

    await run(input, out);
    clearInterval(isMended);

    expectComplete(out, 59, 1);
    expect([...asked.values()].filter((times) => times > 1)).toEqual([]);
  });

  it("comes to the same when it is killed at 20 random moments", async () => {
    invoke = async (event) => {
      await sleep(Math.random() * 200);
      return { outcome: await answerOurselves(event) };
    };
    const start = (input: string) =>
      spawn(
        process.execPath,
        [
          ...["--import", "tsx", "tests/aws/batch-child.ts"],
          ...[input, `${input}.out`, cloud.bucket, cloud.stateMachineArn],
        ],
        { stdio: ["ignore", "pipe", "pipe"] },
      );
    const moments: number[] = [];
    while (moments.length < 20) {
      const input = promptFile(120);
      for (let kills = 0; kills < 4 && !existsSync(`${input}.out`); kills++) {
        const child = start(input);
        const ended = once(child, "close");
        await Promise.race([once(child.stdout, "data"), ended]);
        const moment = Math.random() * 1200;
        await sleep(moment);
        child.kill("SIGKILL");
        await ended;
        moments.push(moment);
      }
      if (!existsSync(`${input}.out`)) {
        const last = start(input);
        const [stderr] = await Promise.all([text(last.stderr), once(last, "close")]);
        expect(last.exitCode === 0 ? "" : stderr).toBe("");
      }

      expectComplete(`${input}.out`, 119, 1);
      expect(existsSync(`${input}.out.partial`)).toBe(false);
    }
  });
});
