import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readMeasured, writeFiles } from "../../../../../scripts/lab/cost/report-files.ts";
import { runScript } from "../../../../helpers/run-script.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const root = join(import.meta.dirname, "../../../../..");
const outputs = temporaryFolder();
const pair = { TOKENS_PER_SECOND: "20", MEMORY: "3008" };

// Each is a process of its own; on two busy cores that takes a while.
jest.setTimeout(60_000);

describe("scripts/cost.ts", () => {
  it("writes the page and the charts to OUT", async () => {
    const folder = join(outputs, "made", "here");
    const { exitCode, output } = await runScript("cost.ts", { ...pair, OUT: folder });

    expect(exitCode).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([
      "cost-by-memory.svg",
      "cost-by-traffic.svg",
      "cost.md",
    ]);
    expect(output).toContain("3,008 MB   1.70     llama-cli");
  });

  it("leaves docs/cost.md alone when anything is set", async () => {
    const before = readFileSync(join(root, "docs/cost.md"), "utf8");
    const { exitCode, output } = await runScript("cost.ts", pair);

    expect(exitCode).toBe(0);
    expect(output).toContain("Nothing is written: OUT=folder writes a page and charts of this.");
    expect(readFileSync(join(root, "docs/cost.md"), "utf8")).toBe(before);
  });

  it("names a file that is not there, without a stack", async () => {
    const { exitCode, output } = await runScript("cost.ts", { MEASURED: "nowhere.csv" });

    expect(exitCode).toBe(1);
    expect(output).toBe(
      "\nMEASURED=nowhere.csv does not exist: name a CSV that `make benchmark-remote` wrote\n",
    );
  });
});

describe("the files", () => {
  it("are not read from a folder", () => {
    expect(() => readMeasured(outputs)).toThrow(`MEASURED=${outputs} cannot be read (EISDIR)`);
  });

  it("are not written below a file", () => {
    const folder = join(root, "README.md", "folder");

    expect(() => writeFiles(folder, { "cost.md": "" })).toThrow(
      `OUT=${folder} cannot be written: ENOTDIR`,
    );
  });
});
