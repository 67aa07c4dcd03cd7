import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runChild, runCommand } from "../../../../scripts/cli/run-command.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const shell = (script: string, logFile?: string) =>
  runChild({ file: "sh", args: ["-c", script], ...(logFile !== undefined && { logFile }) });

describe("runChild", () => {
  it("keeps both outputs apart, and together in the log behind what it held", async () => {
    const logFile = join(folder, "logs", "a.log");
    await shell("echo before", logFile);

    const result = await shell("echo out; echo error >&2; exit 3", logFile);

    expect(result).toEqual({ exitCode: 3, stdout: "out", stderr: "error" });
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

    expect((await running).stdout).toBe("done");
  });

  it("goes on when the disk with the log is full", async () => {
    if (!existsSync("/dev/full")) {
      process.stdout.write("a full disk is not tried: there is no /dev/full here\n");
      return;
    }
    const complaint = jest.spyOn(console, "error").mockReturnValue();

    const { exitCode, stdout } = await shell("echo one; sleep 0.1; echo two", "/dev/full");
    const printed = complaint.mock.calls.join("");
    complaint.mockRestore();

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "one\ntwo" });
    expect(printed).toMatch(/\/dev\/full is not complete: ENOSPC/);
  });

  it("names a program that does not exist, or may not be run", async () => {
    writeFileSync(join(folder, "no-program"), "", { mode: 0o600 });
    const run = (file: string) =>
      runChild({ file, args: [], environment: { PATH: `${folder}:/bin` } });

    await expect(run("no-such-program")).rejects.toThrow("no-such-program is not installed");
    await expect(run("no-program")).rejects.toThrow("no-program is not executable, or in a folder");
  });

  it("reports the signal that ended a program", async () => {
    const killed = { exitCode: 128, stdout: "", stderr: "\nended by SIGKILL" };

    expect(await shell("kill -9 $$")).toEqual(killed);
  });

  it("passes SIGTERM on, and outlives Ctrl-C until the program has ended", async () => {
    const running = shell("trap 'echo stopped; exit 5' TERM; sleep 5 & wait");
    await new Promise((started) => setTimeout(started, 200));

    process.emit("SIGINT");
    process.emit("SIGTERM");

    expect(await running).toMatchObject({ exitCode: 5, stdout: "stopped" });
  });
});

describe("runCommand", () => {
  it.each([
    ["its command line and exit code", {}, /^sh -c .*\nended with 4:\n(2\n)?.*31\nwords$/s],
    ["the caller's heading", { failure: "it failed" }, /^it failed:\n/],
  ])("fails with %s, and the last lines of output", async (_name, options, message) => {
    const args = ["-c", "seq 31; echo words >&2; exit 4"];

    const failing = runCommand({ file: "sh", args, ...options });

    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.not.toThrow(/^1$/m);
  });
});
