import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runChild } from "../../../../scripts/cli/child-command.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const shell = (script: string, logFile?: string) =>
  runChild({
    program: "sh",
    arguments: ["-c", script],
    ...(logFile !== undefined && { logFile }),
  });

describe("runChild", () => {
  it("keeps both outputs apart, and together in the log behind what it held", async () => {
    const logFile = join(folder, "logs", "a.log");
    await shell("echo before", logFile);

    const result = await shell("echo out; echo error >&2; exit 3", logFile);

    expect(result).toEqual({ exitCode: 3, stdout: "out\n", stderr: "error\n" });
    expect(readFileSync(logFile, "utf8")).toMatch(/^before\n(out\nerror\n|error\nout\n)$/);
  });

  it("starts nothing when its output cannot be kept", async () => {
    writeFileSync(join(folder, "file"), "");
    const started = join(folder, "started");

    await expect(shell(`touch ${started}`, join(folder, "file", "a.log"))).rejects.toThrow(
      /ENOTDIR|EEXIST/,
    );
    expect(existsSync(started)).toBe(false);
  });

  it("goes on when the log's folder is removed meanwhile", async () => {
    const logs = join(folder, "gone");

    const running = shell("sleep 0.2; echo done", join(logs, "a.log"));
    rmSync(logs, { recursive: true });

    expect((await running).stdout).toBe("done\n");
  });

  it("goes on when the disk with the log is full", async () => {
    if (!existsSync("/dev/full")) {
      process.stdout.write("a full disk is not tried: there is no /dev/full here\n");
      return;
    }
    const complaint = jest.spyOn(console, "error").mockReturnValue();

    const { exitCode, stdout } = await shell("echo one; sleep 0.1; echo two", "/dev/full");
    const told = complaint.mock.calls.join("");
    complaint.mockRestore();

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "one\ntwo\n" });
    expect(told).toMatch(/\/dev\/full is not complete: ENOSPC/);
  });

  it("tells of a program that is not there", async () => {
    await expect(runChild({ program: "no-such-program", arguments: [] })).rejects.toThrow(
      "no-such-program is not installed",
    );
  });
});
