import { engineFailure, type FailedRun } from "../../../../runtime/engine/engine-failure.ts";
import { transcript } from "../../../helpers/recorded.ts";

const ended = {
  exitCode: 1,
  signal: null,
  startFailure: undefined,
  stderrTail: "",
  hasPrompt: true,
} as const;

const failureOf = (run: Partial<FailedRun>) =>
  engineFailure({ ...ended, ...run }, "BITNET_LLAMA_CLI");

const notStarted = (code: string) => ({
  startFailure: Object.assign(new Error(`spawn ${code}`), { code }),
});

describe("engineFailure", () => {
  it.each([
    ["model missing", "model-missing"],
    ["model truncated", "model-invalid"],
    ["not a model", "model-invalid"],
    ["prompt longer than context", "context-exceeded"],
    ["unknown flag", "engine-failed"],
    ["bad number", "engine-failed"],
    ["prompt cache corrupt", "engine-failed"],
  ])("tells the recorded failure %s as %s", (name, expected) => {
    const { exit, stderr } = transcript(name);

    expect(failureOf({ exitCode: exit, stderrTail: stderr }).kind).toBe(expected);
  });

  it.each([
    ["no such file", notStarted("ENOENT"), "engine-missing", /BITNET_LLAMA_CLI/],
    ["not executable", notStarted("EACCES"), "engine-missing", /executable/],
    ["no processes left", notStarted("EAGAIN"), "engine-unavailable", /EAGAIN/],
    ["a crash in a shell", { exitCode: 139 }, "engine-failed", /exit code 139/],
  ] as const)("tells %s", (_name, run, kind, message) => {
    expect(failureOf(run)).toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  it.each([
    ["without a prompt", { hasPrompt: false, stderrTail: "last words" }, false],
    ["with a prompt", { hasPrompt: true, stderrTail: "last words" }, true],
    ["while it loads", { hasPrompt: true, stderrTail: "error loading model: last words" }, false],
  ])("reports the last words of an engine that failed %s", (_name, run, hasPrompt) => {
    expect(failureOf(run).details).toEqual({
      exitCode: 1,
      signal: null,
      stderrTail: run.stderrTail,
      hasPrompt,
    });
  });
});
