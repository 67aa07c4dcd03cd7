import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { OriginalNote } from "../../../../../scripts/lab/remote-benchmark/original-note.ts";
import type { LambdaFailure } from "../../../../helpers/emulators/emulated-invocation.ts";
import {
  type BenchmarkWorkspace,
  openBenchmarkWorkspace,
  tinyPlan,
  worldText,
} from "../benchmark-workspace.ts";

let workspace: BenchmarkWorkspace;
let before: string;
beforeEach(async () => {
  workspace = await openBenchmarkWorkspace();
  before = worldText(workspace.emulator);
});
afterEach(() => workspace.close());

const denied: LambdaFailure = {
  status: 403,
  code: "AccessDeniedException",
  message: "is not authorized to perform that",
};

/** Does something at the n-th call of an action. */
function atCall(
  action: string,
  number: number,
  act: () => LambdaFailure | undefined | Promise<undefined>,
): void {
  let count = 0;
  workspace.emulator.faults.beforeAction = async (called) => {
    if (called !== action || ++count !== number) return undefined;
    return act();
  };
}

/** What a killed run leaves: its note, `$LATEST` changed, two versions. */
function leaveAsKilled(changes: Partial<OriginalNote> = {}): OriginalNote {
  const { latest, versions } = workspace.emulator;
  const note: OriginalNote = {
    runId: "killed",
    processId: 4_194_000,
    region: "us-east-1",
    functionName: latest.FunctionName,
    functionArn: latest.FunctionArn,
    memoryMiB: latest.MemorySize,
    description: latest.Description,
    variables: { ...latest.Environment?.Variables },
    ...changes,
  };
  mkdirSync(dirname(workspace.notePath), { recursive: true });
  writeFileSync(workspace.notePath, JSON.stringify(note));
  latest.MemorySize = 1769;
  latest.Description = "make benchmark-remote killed #2 1769 MB llama-server";
  latest.Environment = {
    Variables: { ...latest.Environment?.Variables, BITNET_ENGINE: "llama-server" },
  };
  for (const version of ["8", "9"]) {
    const description = `make benchmark-remote killed #${version} 1769 MB llama-server`;
    versions.set(version, {
      ...structuredClone(latest),
      Version: version,
      Description: description,
    });
  }
  return note;
}

describe("an interrupted benchmark", () => {
  it.each([
    ["Invoke", 1],
    ["Invoke", 4],
    ["UpdateFunctionConfiguration", 1],
    ["UpdateFunctionConfiguration", 3],
    ["PublishVersion", 2],
    ["GetFunctionConfiguration", 9],
    ["DeleteFunction", 1],
  ])("at %s, time %i, puts all back and writes what it has", async (action, number) => {
    atCall(action, number, () => void workspace.interrupt());

    const { ending, error, output } = await workspace.run();

    expect({ ending, error }).toEqual({ ending: "interrupted", error: "" });
    expect(worldText(workspace.emulator)).toBe(before);
    expect(existsSync(workspace.notePath)).toBe(false);
    expect(output).toContain("interrupted: putting the function back …");
    const calls = workspace.emulator.invocations.length;
    expect(workspace.rows("benchmarks-remote.partial.csv")).toHaveLength(calls);
    expect(calls).toBeLessThan(24);
    expect(workspace.read("benchmarks-remote.md")).toBe("");
  });

  it("counts the call under way, and supposes the most that it can cost", async () => {
    atCall("Invoke", 2, async () => {
      workspace.interrupt();
      await new Promise((resolve) => setImmediate(resolve));
      return undefined;
    });

    await workspace.run();

    expect(workspace.rows("benchmarks-remote.partial.csv")[1]).toMatchObject({
      error: "interrupted",
      cost_usd: "",
    });
    expect(workspace.read("benchmarks-remote.partial.md")).toContain("**It was interrupted.**");
  });
});

describe("a benchmark that fails", () => {
  it.each([
    ["PublishVersion", 2],
    ["UpdateFunctionConfiguration", 2],
    ["GetFunctionConfiguration", 12],
  ])("at %s, time %i, puts all back, writes what it has and says why", async (action, number) => {
    atCall(action, number, () => denied);

    const { ending, error } = await workspace.run();

    expect(ending).toBeUndefined();
    expect(error).toMatch(/bitnet-lambda-dev-function: is not authorized .*\n {2}ask whoever/);
    expect(worldText(workspace.emulator)).toBe(before);
    expect(existsSync(workspace.notePath)).toBe(false);
    expect(workspace.read("benchmarks-remote.partial.md")).toContain("**It ended by an error.**");
  });

  it("by a fault of its own puts all back", async () => {
    let calls = 0;
    const writeLine = (line: string) => {
      if (line.startsWith("[") && ++calls === 5) throw new TypeError("a fault");
    };

    const { error } = await workspace.run({}, { writeLine });

    expect(error).toBe("a fault");
    expect(worldText(workspace.emulator)).toBe(before);
  });

  it("because an update does not end puts all back once it does", async () => {
    const { faults } = workspace.emulator;
    faults.updateReads = 90;
    atCall("UpdateFunctionConfiguration", 2, () => {
      faults.updateReads = 1;
      return undefined;
    });

    const { error, sleptMs } = await workspace.run();

    expect(error).toContain("waited 300 s for AWS to be done with bitnet-lambda-dev-function");
    expect(sleptMs).toBeLessThan(700_000);
    expect(worldText(workspace.emulator)).toBe(before);
  });

  it("because an update fails puts all back", async () => {
    let updates = 0;
    workspace.emulator.faults.beforeAction = async (action) => {
      if (action === "UpdateFunctionConfiguration") updates++;
      workspace.emulator.faults.updateFailure = updates === 2 ? "no capacity" : undefined;
      return undefined;
    };

    const { error } = await workspace.run();

    expect(error).toContain("AWS has failed with bitnet-lambda-dev-function, version $LATEST: no");
    const { latest } = workspace.emulator;
    expect(latest).toMatchObject({ MemorySize: 3008, LastUpdateStatus: "Successful" });
    expect(existsSync(workspace.notePath)).toBe(false);
  });

  it("because a version cannot start puts all back", async () => {
    workspace.emulator.faults.versionFailure = "the image is gone";

    const { error, output } = await workspace.run();

    expect(error).toContain("version 8: the image is gone");
    expect(output).toContain("nothing was written");
    expect(worldText(workspace.emulator)).toBe(before);
  });

  it("because AWS gives back an older version does not delete that", async () => {
    const { emulator } = workspace;
    emulator.versions.set("6", { ...structuredClone(emulator.latest), Version: "6" });
    emulator.faults.publishesNothing = true;
    before = worldText(emulator);

    const { error } = await workspace.run();

    expect(error).toBe("AWS published no new version of bitnet-lambda-dev-function, but 6");
    expect(worldText(emulator)).toBe(before);
  });
});

describe("a function without variables", () => {
  it("has none again", async () => {
    delete workspace.emulator.latest.Environment;
    before = worldText(workspace.emulator);

    const { ending } = await workspace.run(tinyPlan);

    expect(ending).toBe("whole");
    expect(worldText(workspace.emulator)).toBe(before);
  });
});

describe("somebody else who changes the function meanwhile", () => {
  const deploy = () => {
    Object.assign(workspace.emulator.latest, {
      MemorySize: 4096,
      Description: "BitNet b1.58: prompt in, text out",
      RevisionId: "of a deployment",
    });
    return undefined;
  };

  it("ends the benchmark, and what they set is kept", async () => {
    atCall("Invoke", 3, deploy);

    const { error, output } = await workspace.run();

    expect(error).toContain("somebody else has changed bitnet-lambda-dev-function meanwhile");
    expect(output).toContain("its configuration is kept");
    expect(workspace.emulator.latest.MemorySize).toBe(4096);
    expect([...workspace.emulator.versions.keys()]).toEqual(["7"]);
    expect(existsSync(workspace.notePath)).toBe(false);
  });

  it("between a look and the change is noticed by AWS", async () => {
    atCall("UpdateFunctionConfiguration", 2, deploy);

    const { error } = await workspace.run();

    expect(error).toContain("does not match the latest Revision Id");
    expect(workspace.emulator.latest.MemorySize).toBe(4096);
  });

  it("between a change and its version is noticed, and their change is not published", async () => {
    atCall("PublishVersion", 2, deploy);

    const { error } = await workspace.run();

    expect(error).toContain("does not match the latest Revision Id");
    expect([...workspace.emulator.versions.keys()]).toEqual(["7"]);
  });
});

describe("a killed benchmark", () => {
  it("is put back by the next run, before it asks for consent", async () => {
    leaveAsKilled();

    const { error, output } = await workspace.run({ YES: "" });

    expect(error).toContain("nobody is there to ask");
    expect(output).toContain("a run before has left bitnet-lambda-dev-function changed");
    expect(worldText(workspace.emulator)).toBe(before);
    expect(existsSync(workspace.notePath)).toBe(false);
  });

  it("is put back where AWS was still busy with its last change", async () => {
    leaveAsKilled();
    workspace.emulator.latest.LastUpdateStatus = "InProgress";

    await workspace.run({ YES: "" });

    expect(worldText(workspace.emulator)).toBe(before);
  });

  it("is put back where its last change had failed", async () => {
    leaveAsKilled();
    workspace.emulator.latest.LastUpdateStatus = "Failed";

    await workspace.run({ YES: "" });

    expect(worldText(workspace.emulator)).toBe(before);
  });

  it("that had changed nothing yet leaves only its note to remove", async () => {
    const { latest } = workspace.emulator;
    const untouched = structuredClone(latest);
    leaveAsKilled();
    Object.assign(latest, untouched);
    workspace.emulator.versions.delete("8");
    workspace.emulator.versions.delete("9");

    await workspace.run({ YES: "" });

    expect(worldText(workspace.emulator)).toBe(before);
    expect(workspace.emulator.actions).not.toContain("UpdateFunctionConfiguration $LATEST");
    expect(existsSync(workspace.notePath)).toBe(false);
  });

  it("is left alone by DRY_RUN=1, which says so", async () => {
    leaveAsKilled();
    const left = worldText(workspace.emulator);

    const { error, output } = await workspace.run({ DRY_RUN: "1" });

    expect(error).toBe("");
    expect(output).toContain("without DRY_RUN=1 it is put back first");
    expect(worldText(workspace.emulator)).toBe(left);
    expect(existsSync(workspace.notePath)).toBe(true);
  });

  it("that is not killed but runs is left alone", async () => {
    leaveAsKilled();
    const left = worldText(workspace.emulator);

    const { error } = await workspace.run({}, { isRunning: (id) => id === 4_194_000 });

    expect(error).toContain("process 4194000 is measuring bitnet-lambda-dev-function: wait for it");
    expect(worldText(workspace.emulator)).toBe(left);
  });

  it("whose process id is this one's, as in a new container, is put back", async () => {
    leaveAsKilled({ processId: process.pid });

    await workspace.run({ YES: "" }, { isRunning: () => true });

    expect(worldText(workspace.emulator)).toBe(before);
  });

  it("of a function that is gone leaves nothing to put back", async () => {
    leaveAsKilled();
    workspace.emulator.isDeleted = true;

    const { error, output } = await workspace.run();

    expect(output).toContain("bitnet-lambda-dev-function is gone: there is nothing to put back");
    expect(error).toContain("Function not found");
    expect(existsSync(workspace.notePath)).toBe(false);
  });

  it("whose function was deployed since is not undone; its versions go", async () => {
    leaveAsKilled();
    Object.assign(workspace.emulator.latest, { MemorySize: 4096, Description: "deployed" });

    const { output } = await workspace.run({ YES: "" });

    expect(output).toContain("somebody else has changed bitnet-lambda-dev-function since");
    expect(workspace.emulator.latest.MemorySize).toBe(4096);
    expect([...workspace.emulator.versions.keys()]).toEqual(["7"]);
  });

  it("with a note that nobody can read is told, and nothing is touched", async () => {
    leaveAsKilled();
    writeFileSync(workspace.notePath, "{");

    const { error } = await workspace.run();

    expect(error).toContain("tells what a benchmark has changed, and cannot be read any more");
    expect(workspace.emulator.actions).toEqual([]);
  });
});

describe("a restoration that fails", () => {
  const byHand = () => workspace.notePath.replace(".json", ".restore.json");

  it("says what to run by hand; the next run tries again", async () => {
    const note = leaveAsKilled();
    workspace.emulator.faults.beforeAction = async (action) =>
      /Update|Delete/.test(action) ? denied : undefined;

    const { error } = await workspace.run();
    workspace.emulator.faults.beforeAction = undefined;

    expect(error).toContain("IS NOT AS IT WAS BEFORE the benchmark");
    expect(error).toContain(
      `aws lambda update-function-configuration --region us-east-1 --cli-input-json file://${byHand()}\n`,
    );
    expect(error).toContain("versions 8, 9 are left: deleting version 9 of");
    expect(error).toContain(
      `aws lambda list-versions-by-function --region us-east-1 --function-name ${note.functionArn} --query "Versions[?starts_with(Description, 'make benchmark-remote killed ')].Version"`,
    );
    expect(error).not.toContain("secret");
    expect(JSON.parse(readFileSync(byHand(), "utf8"))).toEqual({
      FunctionName: note.functionArn,
      MemorySize: 3008,
      Description: "BitNet b1.58: prompt in, text out",
      Environment: { Variables: note.variables },
    });
    expect(statSync(byHand()).mode & 0o777).toBe(0o600);
    expect(existsSync(workspace.notePath)).toBe(true);

    await workspace.run({ YES: "" });

    expect(worldText(workspace.emulator)).toBe(before);
    expect(readdirSync(dirname(workspace.notePath))).toEqual([]);
  });

  it("at the end of a run is told with the reason for the end, and what was measured is written", async () => {
    let invokes = 0;
    workspace.emulator.faults.beforeAction = async (action) => {
      if (action === "Invoke") invokes++;
      return invokes > 3 ? denied : undefined;
    };

    const { error } = await workspace.run();

    expect(error).toMatch(/^invoking bitnet-lambda-dev-function:9: is not authorized/);
    expect(error).toContain("IS NOT AS IT WAS BEFORE");
    expect(workspace.rows("benchmarks-remote.partial.csv")).toHaveLength(3);
    expect(existsSync(workspace.notePath)).toBe(true);
  });

  it("because AWS does not make the change is noticed", async () => {
    leaveAsKilled();
    workspace.emulator.faults.ignoresChanges = true;

    const { error } = await workspace.run();

    expect(error).toContain("AWS took the change, but did not make it");
    expect(existsSync(workspace.notePath)).toBe(true);
  });
});

describe("the note", () => {
  it("is there, for its owner only, before anything is changed", async () => {
    let mode: number | undefined;
    let noted = "";
    atCall("UpdateFunctionConfiguration", 1, () => {
      mode = statSync(workspace.notePath).mode & 0o777;
      noted = readFileSync(workspace.notePath, "utf8");
      return undefined;
    });
    const { MemorySize, Description, Environment } = workspace.emulator.latest;
    const original = {
      memoryMiB: MemorySize,
      description: Description,
      variables: Environment?.Variables,
    };

    await workspace.run(tinyPlan);

    expect(mode).toBe(0o600);
    expect(JSON.parse(noted)).toMatchObject({ ...original, processId: process.pid, runId: "run1" });
    expect(readdirSync(dirname(workspace.notePath))).toEqual([]);
  });

  it("of a run that has begun meanwhile is not replaced", async () => {
    const path = workspace.notePath;
    const ask = async () => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, "another run's");
      return "yes";
    };

    const { error } = await workspace.run({ YES: "" }, { ask });

    expect(error).toBe(`another benchmark has just begun here: it wrote ${path}`);
    expect(readFileSync(path, "utf8")).toBe("another run's");
    expect(readdirSync(join(path, ".."))).toEqual(["benchmark-remote.json"]);
    expect(worldText(workspace.emulator)).toBe(before);
  });
});
