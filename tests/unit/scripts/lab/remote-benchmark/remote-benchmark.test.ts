import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InvocationFault } from "../../../../helpers/emulators/emulated-invocation.ts";
import {
  type BenchmarkWorkspace,
  openBenchmarkWorkspace,
  tinyPlan,
  worldText,
} from "../benchmark-workspace.ts";

let workspace: BenchmarkWorkspace;
beforeEach(async () => {
  workspace = await openBenchmarkWorkspace();
});
afterEach(() => workspace.close());

/** Makes calls fail by their number. */
function failCalls(faults: Readonly<Record<number, InvocationFault>>): void {
  workspace.emulator.faults.invocation = (number) => faults[number];
}

const throttled: InvocationFault = {
  kind: "refusal",
  failure: { status: 429, code: "TooManyRequestsException", message: "Rate Exceeded." },
};

describe("a benchmark of the deployed function", () => {
  it("measures every setup cold and warm, and leaves all as it was", async () => {
    const { emulator, notePath } = workspace;
    const before = worldText(emulator);

    const { ending, error, output } = await workspace.run();

    expect({ ending, error }).toEqual({ ending: "whole", error: "" });
    expect(worldText(emulator)).toBe(before);
    expect(existsSync(notePath)).toBe(false);
    expect(emulator.invocations).toHaveLength(24);
    expect(emulator.mostAtOnce()).toBe(1);
    expect(output).toContain("[24/24] 1769 MB llama-server warm 50 tokens: ");
    expect(output).toContain("the configuration of bitnet-lambda-dev-function is as it was before");
  });

  it("starts a version of its own for each cold call, with the setup's memory and engine", async () => {
    const { emulator } = workspace;
    const { BITNET_ENGINE: _, ...others } = emulator.latest.Environment?.Variables ?? {};

    await workspace.run();

    const coldCalls = emulator.invocations.filter(({ isCold }) => isCold);
    expect(new Set(coldCalls.map(({ version }) => version)).size).toBe(8);
    expect(coldCalls).toHaveLength(8);
    expect(
      coldCalls.map(({ memoryMiB, variables }) => `${memoryMiB} ${variables.BITNET_ENGINE}`),
    ).toEqual(
      [1, 2].flatMap(() => [
        "3008 llama-cli",
        "3008 llama-server",
        "1769 llama-cli",
        "1769 llama-server",
      ]),
    );
    for (const { version, variables } of emulator.invocations) {
      const { BITNET_ENGINE: _engine, ...kept } = variables;
      expect(kept).toEqual(others);
      expect(Number(version)).toBeGreaterThan(7);
    }
  });

  it("asks the same each time: greedy, without a stop text", async () => {
    await workspace.run({ ...tinyPlan, TOKENS: "10,50" });

    const events = workspace.emulator.invocations.map(({ event }) => event);
    expect(new Set(events.map((event) => JSON.stringify({ ...event, n_predict: 0 }))).size).toBe(1);
    expect(events[0]).toEqual({ prompt: expect.any(String), n_predict: 10, temperature: 0 });
    expect(new Set(events.map(({ n_predict }) => n_predict))).toEqual(new Set([10, 50]));
  });

  it.each(["JSON", "Text"] as const)("reads reports in Lambda's %s format", async (logFormat) => {
    workspace.emulator.faults.logFormat = logFormat;

    await workspace.run(tinyPlan);

    expect(workspace.rows()).toEqual([
      expect.objectContaining({ start: "cold", init_ms: "700.5", restore_ms: "", call: "1" }),
      expect.objectContaining({ start: "warm", init_ms: "", restore_ms: "", call: "2" }),
      expect.objectContaining({ start: "cold", memory_used_mb: "1200", version: "9" }),
      expect.objectContaining({ start: "warm", tokens_made: "10", error: "" }),
    ]);
  });

  it("takes restores of SnapStart for cold starts, and says what is not in the price", async () => {
    workspace.emulator.latest.SnapStart = { ApplyOn: "PublishedVersions" };

    const { output } = await workspace.run(tinyPlan);

    expect(workspace.rows()[0]).toMatchObject({ start: "cold", init_ms: "", restore_ms: "400.25" });
    expect(output).toContain("NOT INCLUDED: what SnapStart charges");
    expect(workspace.read("benchmarks-remote.md")).toContain(
      "What SnapStart charges for cached snapshots and for restores is not in them.",
    );
  });

  it("waits for updates and versions that take their time", async () => {
    Object.assign(workspace.emulator.faults, { updateReads: 12, pendingReads: 30 });

    const { ending, sleptMs } = await workspace.run(tinyPlan);

    expect(ending).toBe("whole");
    expect(sleptMs).toBeGreaterThan(120_000);
  });

  it("tries again what AWS refuses for a moment", async () => {
    let left = 6;
    workspace.emulator.faults.beforeAction = async (action) => {
      if (!/Update|Publish/.test(action) || left-- <= 0) return undefined;
      return { status: 429, code: "TooManyRequestsException", message: "Rate exceeded" };
    };

    const { ending } = await workspace.run(tinyPlan);

    expect(ending).toBe("whole");
    expect(left).toBeLessThan(0);
  });

  it("measures another function by its name, without asking Terraform", async () => {
    const findFunctionName = async () => {
      throw new Error("asked Terraform");
    };

    const { ending, error } = await workspace.run(
      { ...tinyPlan, FUNCTION: workspace.emulator.name },
      { findFunctionName },
    );

    expect({ ending, error }).toEqual({ ending: "whole", error: "" });
  });
});

describe("calls that fail", () => {
  it.each<[string, InvocationFault]>([
    ["function-error", { kind: "function-error", errorType: "Error", message: "broken" }],
    [
      "timeout",
      {
        kind: "function-error",
        errorType: "Sandbox.Timedout",
        message: "RequestId: x Error: Task timed out after 300.00 seconds",
      },
    ],
    ["timeout", { kind: "body", change: { finish_reason: "deadline" } }],
    ["status", { kind: "status", statusCode: 503 }],
    ["bad-answer", { kind: "body", change: { tokens_predicted: "many" } }],
    ["throttle", throttled],
    [
      "service",
      {
        kind: "refusal",
        failure: { status: 500, code: "ServiceException", message: "internal" },
      },
    ],
    ["no-answer", { kind: "hang-up" }],
    ["no-report", { kind: "no-report" }],
    ["not-warm", { kind: "start", isCold: true }],
  ])("of kind %s are counted, asked for again, and in no median", async (kind, fault) => {
    failCalls({ 2: fault });

    const { ending, error } = await workspace.run(tinyPlan);

    expect({ ending, error }).toEqual({ ending: "whole", error: "" });
    const rows = workspace.rows();
    expect(rows.map(({ error }) => error)).toEqual(["", kind, "", "", ""]);
    const report = workspace.read("benchmarks-remote.md");
    expect(report).toMatch(
      new RegExp(`^\\| warm \\| 10 \\| 1769 \\| llama-cli \\| \`${kind}\` \\| 1 \\|`, "m"),
    );
    expect(report).toContain("| calls | 5, 4 of them good, 1 not |");
    expect(report).toMatch(/^\| 10 \| 1769 \| llama-cli \| 2 \| 10 \|/m);
  });

  it("that should have been cold and were not are dropped, and made up for by a new version", async () => {
    failCalls({ 1: { kind: "start", isCold: false } });

    await workspace.run(tinyPlan);

    const rows = workspace.rows();
    expect(rows.map(({ start, error }) => `${start} ${error}`)).toEqual([
      "cold not-cold",
      "warm ",
      "cold ",
      "warm ",
      "cold ",
    ]);
    expect(new Set(rows.map(({ version }) => version)).size).toBe(3);
  });

  it("are asked for again one time in ten only, and the row says what is missing", async () => {
    const hangUp: InvocationFault = { kind: "hang-up" };
    failCalls({ 2: hangUp, 3: hangUp });

    await workspace.run(tinyPlan);

    expect(workspace.rows().map(({ error }) => error)).toEqual([
      "",
      "no-answer",
      "no-answer",
      "",
      "",
    ]);
    expect(workspace.read("benchmarks-remote.md")).toContain("| 10 | 1769 | llama-cli | 1 of 2 |");
  });

  it("by a refusal are made again in the same version, after a pause", async () => {
    failCalls({ 1: throttled });

    const { sleptMs } = await workspace.run(tinyPlan);
    const rows = workspace.rows();

    expect(rows.slice(0, 3).map(({ start, error }) => `${start} ${error}`)).toEqual([
      "cold throttle",
      "cold ",
      "warm ",
    ]);
    expect(rows[0]).toMatchObject({ cost_usd: "0.0000000000", version: "8" });
    expect(rows[1]).toMatchObject({ version: "8" });
    expect(sleptMs).toBeGreaterThan(2000);
  });

  it("time after time end a setup, not the others", async () => {
    workspace.emulator.faults.invocation = () => {
      const engine = workspace.emulator.latest.Environment?.Variables?.BITNET_ENGINE;
      return engine === "llama-server" ? { kind: "status", statusCode: 503 } : undefined;
    };

    const { ending, output } = await workspace.run({
      ...tinyPlan,
      ENGINES: "llama-server,llama-cli",
      WARM_SAMPLES: "20",
    });

    expect(ending).toBe("whole");
    expect(output).toContain("1769 MB llama-server is given up: it failed time after time");
    const failed = workspace.rows().filter(({ engine }) => engine === "llama-server");
    expect(failed.map(({ error }) => error)).toEqual(["status", "status", "status"]);
    expect(workspace.rows()).toHaveLength(3 + 22);
    const report = workspace.read("benchmarks-remote.md");
    expect(report).toContain(
      "**llama-server with 1769 MB was given up: it failed time after time.**",
    );
    expect(report).toContain("| 10 | 1769 | llama-server | 0 of 20 | – |");
  });

  it("for want of rights end the run", async () => {
    failCalls({
      2: {
        kind: "refusal",
        failure: { status: 403, code: "AccessDeniedException", message: "not authorized" },
      },
    });

    const { error } = await workspace.run(tinyPlan);

    expect(error).toMatch(
      /^invoking bitnet-lambda-dev-function:8: not authorized\n {2}ask whoever manages/,
    );
    expect(workspace.emulator.invocations).toHaveLength(2);
  });
});

describe("the budget", () => {
  it("stops before a call that could pass it, and what there is is written", async () => {
    const { emulator } = workspace;
    const before = worldText(emulator);
    // One call may take 310 s × 3008 MB: 0.01518 USD.
    const { ending, output } = await workspace.run({ BUDGET_USD: "0.0160" });

    expect(ending).toBe("budget");
    expect(output).toContain("stopped: the next call could pass BUDGET_USD");
    const rows = workspace.rows("benchmarks-remote.partial.csv");
    const spent = rows.reduce((sum, row) => sum + Number(row.cost_usd), 0);
    expect(rows.length).toBe(emulator.invocations.length);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.length).toBeLessThan(24);
    expect(spent + 0.0151784).toBeGreaterThan(0.016);
    expect(spent).toBeLessThan(0.016);
    expect(workspace.read("benchmarks-remote.partial.md")).toContain(
      "**It stopped early, before a call that could have passed its budget.**",
    );
    expect(workspace.read("benchmarks-remote.md")).toBe("");
    expect(worldText(emulator)).toBe(before);
  });

  it("supposes the most of a call that Lambda does not report", async () => {
    failCalls({ 1: { kind: "hang-up" } });

    const { ending } = await workspace.run({ BUDGET_USD: "0.0160" });

    expect(ending).toBe("budget");
    expect(workspace.emulator.invocations).toHaveLength(1);
    expect(workspace.read("benchmarks-remote.partial.md")).toContain(
      "0.0000 USD by Lambda's reports and list prices, and at most 0.0152 for calls that it does not report; budget 0.016 USD",
    );
  });

  it("that a single call could pass is refused", async () => {
    const { error } = await workspace.run({ BUDGET_USD: "0.005" });

    expect(error).toContain("BUDGET_USD=0.005: a single call of 1769 MB may cost 0.0089 USD");
    expect(workspace.emulator.actions.filter((action) => !action.startsWith("Get"))).toEqual([]);
  });

  it("below what is expected is told before it begins", async () => {
    const { output } = await workspace.run({
      BUDGET_USD: "0.1",
      WARM_SAMPLES: "1000",
      DRY_RUN: "1",
    });

    expect(output).toContain("EXPECTED IS MORE THAN THE BUDGET");
  });
});

describe("before it begins", () => {
  const changes = () => workspace.emulator.actions.filter((action) => !action.startsWith("Get"));

  it("DRY_RUN=1 shows the plan and the price, and does nothing", async () => {
    const { ending, error, output } = await workspace.run({ DRY_RUN: "1", YES: "" });

    expect({ ending, error }).toEqual({ ending: undefined, error: "" });
    expect(changes()).toEqual([]);
    expect(existsSync(workspace.notePath)).toBe(false);
    expect(existsSync(join(workspace.folder, "docs"))).toBe(false);
    expect(output).toMatch(/^x86_64 +expected calls +GB-s +USD +at most calls +GB-s +USD$/m);
    expect(output).toMatch(/^together +24 +432 +0\.0072 +40 +28923 +0\.4821$/m);
    expect(output).toContain("2 warm and 1 cold calls, in 8 published versions");
  });

  it.each([
    [
      "nobody can be asked",
      undefined,
      "nobody is there to ask: YES=1 make benchmark-remote. Nothing was measured, and nothing spent.",
    ],
    ["the answer is no", async () => "y", "Nothing was measured, and nothing spent."],
  ])("it ends where %s", async (_, ask, expected) => {
    const { error } = await workspace.run({ YES: "" }, { ask });

    expect(error).toBe(expected);
    expect(changes()).toEqual([]);
    expect(existsSync(workspace.notePath)).toBe(false);
  });

  it("it goes on where somebody agrees, and tells the most that it will spend", async () => {
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return " yes\n";
    };

    const { ending } = await workspace.run({ ...tinyPlan, YES: "", BUDGET_USD: "2.5" }, { ask });

    expect(ending).toBe("whole");
    expect(questions).toEqual(["Type yes to spend up to 2.5 USD on it: "]);
  });

  it.each([
    [{ WARM_SAMPLES: "3", QUICK: "" }, "WARM_SAMPLES=3: at least 20"],
    [{ ENDPOINT: "http://127.0.0.1:9000" }, "`make bench` for this machine"],
  ])("refuses %j before it asks AWS for anything", async (variables, message) => {
    const { error } = await workspace.run(variables);

    expect(error).toContain(message);
    expect(workspace.emulator.actions).toEqual([]);
  });

  it("refuses a folder that cannot be written to", async () => {
    const OUT = join(workspace.folder, "file");
    writeFileSync(OUT, "");

    const { error } = await workspace.run({ OUT });

    expect(error).toBe(`OUT=${OUT}: nothing can be written there`);
    expect(changes()).toEqual([]);
  });

  it("refuses a function that is not there", async () => {
    workspace.emulator.isDeleted = true;

    const { error, sleptMs } = await workspace.run();

    expect(error).toMatch(
      /^reading bitnet-lambda-dev-function: Function not found: .*\n.*`make deploy`/,
    );
    expect(sleptMs).toBe(0);
  });

  it.each([
    ["without the alias", () => workspace.emulator.aliases.clear()],
    ["whose alias names $LATEST", () => workspace.emulator.aliases.set("live", "$LATEST")],
  ])("refuses a function %s: its callers would be measured with", async (_, arrange) => {
    arrange();

    const { error } = await workspace.run();

    expect(error).toContain("its callers would get what is being measured");
    expect(changes()).toEqual([]);
  });

  it("refuses a function with which AWS has failed before", async () => {
    const { latest } = workspace.emulator;
    Object.assign(latest, { LastUpdateStatus: "Failed", LastUpdateStatusReason: "no image" });

    const { error } = await workspace.run();

    expect(error).toBe("AWS has failed with bitnet-lambda-dev-function, version $LATEST: no image");
    expect(changes()).toEqual([]);
  });

  it("refuses a function that another machine is measuring", async () => {
    workspace.emulator.latest.Description = "make benchmark-remote 1234 #3 3008 MB llama-cli";

    const { error } = await workspace.run();

    expect(error).toContain("another run is measuring bitnet-lambda-dev-function, or was killed");
    expect(changes()).toEqual([]);
  });

  it("refuses a function whose variables cannot be read: they could not be put back", async () => {
    workspace.emulator.latest.Environment = {
      Error: { ErrorCode: "AccessDeniedException", Message: "kms:Decrypt is not allowed" },
    };

    const { error } = await workspace.run();

    expect(error).toContain("could not be put back: kms:Decrypt is not allowed");
    expect(changes()).toEqual([]);
  });

  it("finds a memory size that the account may not have before it spends anything", async () => {
    workspace.emulator.faults.mostMemoryMiB = 3008;

    const { error, output } = await workspace.run({ MEMORY_SIZES: "1769,10240" });

    expect(error).toContain("less than or equal to 3008");
    expect(error).toContain("leave it out of MEMORY_SIZES, or ask AWS for a higher quota");
    expect(workspace.emulator.invocations).toEqual([]);
    expect(output).toContain("nothing was written");
  });
});

describe("the files", () => {
  it("of a whole run stay when the next one is not whole", async () => {
    await workspace.run(tinyPlan);
    const whole = workspace.read("benchmarks-remote.md");

    await workspace.run({ BUDGET_USD: "0.0160" });

    expect(workspace.read("benchmarks-remote.md")).toBe(whole);
    expect(workspace.rows()).toHaveLength(4);
    expect(workspace.read("benchmarks-remote.partial.md")).toContain(
      "[benchmarks-remote.partial.csv](benchmarks-remote.partial.csv)",
    );
  });

  it("of a run that was not whole go when the next one is", async () => {
    await workspace.run({ BUDGET_USD: "0.0160" });

    await workspace.run(tinyPlan);

    expect(workspace.read("benchmarks-remote.partial.md")).toBe("");
    expect(workspace.read("benchmarks-remote.partial.csv")).toBe("");
    expect(workspace.rows()).toHaveLength(4);
  });

  it("hold nothing of the account but the function's name", async () => {
    await workspace.run(tinyPlan);

    const text = workspace.read("benchmarks-remote.md") + workspace.read("benchmarks-remote.csv");
    expect(text).toContain("bitnet-lambda-dev-function");
    expect(text).not.toMatch(/123456789012|arn:|secret|last first/);
  });
});
