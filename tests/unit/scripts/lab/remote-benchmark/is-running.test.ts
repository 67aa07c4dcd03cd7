import { spawnSync } from "node:child_process";
import { isRunning } from "../../../../../scripts/lab/remote-benchmark/is-running.ts";

describe("isRunning", () => {
  it("knows a process that runs", () => {
    expect(isRunning(process.pid)).toBe(true);
  });

  it("knows one that has ended", () => {
    const { pid } = spawnSync("true");

    expect(isRunning(pid)).toBe(false);
  });

  it("knows one of somebody else's, whom it may not signal", () => {
    const kill = jest.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    });

    const isThere = isRunning(4_194_000);
    kill.mockRestore();

    expect(isThere).toBe(true);
  });

  it("takes 0, which would mean all of its own group, for none", () => {
    expect(isRunning(0)).toBe(false);
  });
});
