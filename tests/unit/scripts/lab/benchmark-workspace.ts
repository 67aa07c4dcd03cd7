import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { RemoteBenchmarkParts } from "../../../../scripts/lab/remote-benchmark/benchmark-parts.ts";
import type { ReportEnding } from "../../../../scripts/lab/remote-benchmark/benchmark-report.ts";
import { runRemoteBenchmark } from "../../../../scripts/lab/remote-benchmark/remote-benchmark.ts";
import type { Clock } from "../../../../scripts/lab/remote-benchmark/waiting.ts";
import {
  type LambdaEmulator,
  startLambdaEmulator,
} from "../../../helpers/emulators/lambda-emulator.ts";

/** How a run of the benchmark ended. */
export interface BenchmarkRun {
  readonly ending: ReportEnding | undefined;
  /** The message that it stopped with. */
  readonly error: string;
  /** All that it printed. */
  readonly output: string;
  /** Milliseconds that it would have slept. */
  readonly sleptMs: number;
}

/** A Lambda service and a folder, and runs of the benchmark on them in this process. */
export interface BenchmarkWorkspace {
  readonly emulator: LambdaEmulator;
  readonly folder: string;
  readonly notePath: string;
  /** What Ctrl-C does to the run under way. */
  interrupt(): void;
  /** A client of the emulator's. */
  createClient(): LambdaClient;
  run(
    variables?: Readonly<Record<string, string>>,
    changes?: Partial<RemoteBenchmarkParts>,
  ): Promise<BenchmarkRun>;
  /** A file of the report; empty when there is none. */
  read(name: string): string;
  /** The raw data, a record a call. */
  rows(name?: string): Readonly<Record<string, string>>[];
  close(): Promise<void>;
}

/** A small plan: 4 setups, 8 versions, 16 warm and 8 cold calls. */
export const smallPlan = {
  QUICK: "1",
  YES: "1",
  MEMORY_SIZES: "1769,3008",
  TOKENS: "10,50",
  WARM_SAMPLES: "2",
  COLD_SAMPLES: "1",
} as const;

/** One setup, one number of tokens: two versions of a cold and a warm call each. */
export const tinyPlan = {
  MEMORY_SIZES: "1769",
  ENGINES: "llama-cli",
  TOKENS: "10",
  WARM_SAMPLES: "2",
  COLD_SAMPLES: "2",
} as const;

/** Opens a workspace; the emulator holds a function. */
export async function openBenchmarkWorkspace(): Promise<BenchmarkWorkspace> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const emulator = await startLambdaEmulator();
  const folder = mkdtempSync(join(tmpdir(), "bitnet-benchmark-"));
  const notePath = join(folder, "temp/benchmark-remote.json");
  const clients: LambdaClient[] = [];
  let interruption = new AbortController();
  const createClient = () => {
    const client = new LambdaClient({
      region: "us-east-1",
      endpoint: emulator.url,
      credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
      maxAttempts: 1,
    });
    clients.push(client);
    return client;
  };
  const read = (name: string) => {
    const path = join(folder, "docs", name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  return {
    emulator,
    folder,
    notePath,
    interrupt: () => interruption.abort(),
    createClient,
    async run(variables = {}, changes = {}) {
      interruption = new AbortController();
      const lines: string[] = [];
      const clock = createTestClock();
      const parts: RemoteBenchmarkParts = {
        environment: { OUT: join(folder, "docs"), ...smallPlan, ...variables },
        region: "us-east-1",
        findFunctionName: async () => emulator.name,
        createClient,
        notePath,
        processId: process.pid,
        isRunning: () => false,
        newRunId: () => "run1",
        clock,
        signal: interruption.signal,
        ask: undefined,
        writeLine: (line) => lines.push(line),
        describeRun: () => ({ date: "2026-11-25", commit: "0123456789" }),
        ...changes,
      };
      const { ending, error } = await runRemoteBenchmark(parts).then(
        (value) => ({ ending: value, error: "" }),
        (reason: Error) => ({ ending: undefined, error: reason.message }),
      );
      return { ending, error, output: lines.join("\n"), sleptMs: clock.now() };
    },
    read,
    rows(name = "benchmarks-remote.csv") {
      const [head = "", ...lines] = read(name).trimEnd().split("\n");
      const names = head.split(",");
      return lines.map((line) => {
        const values = line.split(",");
        return Object.fromEntries(names.map((column, index) => [column, values[index] ?? ""]));
      });
    },
    async close() {
      for (const client of clients) client.destroy();
      await emulator.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a benchmark may not leave changed, as text: the configuration, the versions, the alias. */
export function worldText({ latest, versions, aliases, isDeleted }: LambdaEmulator): string {
  // AWS gives each change a new revision, also the one that puts things back.
  const { RevisionId: _, ...configuration } = latest;
  return JSON.stringify({
    configuration,
    versions: [...versions],
    aliases: [...aliases],
    isDeleted,
  });
}

/** A clock on which waiting takes no time. */
function createTestClock(): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
  };
}
