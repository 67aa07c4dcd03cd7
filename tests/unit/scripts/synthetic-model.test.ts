import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runScript, startScript } from "../../helpers/run-script.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

// The full size is 0.8 GB: these runs are stopped at its beginning, or do not begin.

const folder = temporaryFolder();
const OUT = join(folder, "model.gguf");

describe("make synthetic-model", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "keeps nothing when %s stops it",
    async (signal, exitCode) => {
      const script = startScript("synthetic-model.ts", { OUT });
      await once(script.child.stderr ?? script.child, "data"); // the progress: it is being written

      script.child.kill(signal);

      expect(await script.ended).toBe(exitCode);
      expect(script.output()).toContain("Stopped. Nothing was kept.");
      expect(readdirSync(folder)).toEqual([]);
    },
    60_000,
  );

  it("leaves another file alone", async () => {
    writeFileSync(OUT, "precious");

    const { exitCode, output } = await runScript("synthetic-model.ts", { OUT });

    expect(exitCode).toBe(1);
    expect(output).toContain("remove it, or name another file by OUT");
    expect(readFileSync(OUT, "utf8")).toBe("precious");
  }, 60_000);
});
