import { createFunctionControl } from "../../../../../scripts/lab/remote-benchmark/function-control.ts";
import { realClock } from "../../../../../scripts/lab/remote-benchmark/waiting.ts";
import {
  type BenchmarkWorkspace,
  openBenchmarkWorkspace,
  worldText,
} from "../benchmark-workspace.ts";

let workspace: BenchmarkWorkspace;
beforeEach(async () => {
  workspace = await openBenchmarkWorkspace();
});
afterEach(() => workspace.close());

describe("the control of a function", () => {
  it.each(["", "$LATEST", "live", "7,8"])(
    "never deletes %j: only a number is a version, and without one the function would go",
    async (version) => {
      const before = worldText(workspace.emulator);
      const control = createFunctionControl({
        client: workspace.createClient(),
        functionName: workspace.emulator.name,
        clock: realClock,
        signal: new AbortController().signal,
      });

      await expect(control.deleteVersion(version)).rejects.toThrow(RangeError);

      expect(worldText(workspace.emulator)).toBe(before);
      expect(workspace.emulator.actions).toEqual([]);
    },
  );
});
