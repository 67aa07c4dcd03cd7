import { readFileSync } from "node:fs";
import { join } from "node:path";
import { novaMicro } from "../../../../../scripts/lab/cost/alternatives.ts";
import { costFiles } from "../../../../../scripts/lab/cost/cost-page.ts";
import {
  costRows,
  readCostSettings,
  usdPerMillionIn,
  usdPerMillionOut,
} from "../../../../../scripts/lab/cost/cost-rows.ts";
import { runScript } from "../../../../helpers/run-script.ts";

const root = join(import.meta.dirname, "../../../../..");
const files = costFiles();

// The command is a process of its own; on two busy cores that takes a while.
jest.setTimeout(60_000);

describe("docs/cost", () => {
  it.each(Object.entries(files))("%s is what `make cost` writes", (name, made) => {
    const kept = readFileSync(join(root, "docs", name), "utf8");

    expect(kept === made ? "up to date" : "stale: run `make cost`").toBe("up to date");
  });
});

describe("readCostSettings", () => {
  it("reads numbers and other names of architectures; nothing set asks for everything", () => {
    const given = { TOKENS_PER_SECOND: "20.5", MEMORY: "3008", ARCH: "aarch64" };
    const read = { TOKENS_PER_SECOND: 20.5, MEMORY: 3008, ARCH: "arm64" };

    expect(readCostSettings(given)).toEqual(read);
    expect(readCostSettings({ PATH: "/bin", MEMORY: "" })).toEqual({});
  });

  it.each([
    ["TOKENS_PER_SECOND", "0", "at least 0.001"],
    ["TOKENS_PER_SECOND", "20", "needs the memory it was measured with, as MEMORY=3008"],
    ["TOKENS_PER_SECOND", "20tps", "must be a number, without commas or a unit"],
    ["ARCH", "mips", "must be x86_64 or arm64"],
    ["MEMORY", "127", "at least 128"],
    ["MEMORY", "10241", "at most 10240"],
    ["MEMORY", "3008.5", "must be a whole number"],
  ])("does not take %s=%s", (name, value, message) => {
    expect(() => readCostSettings({ [name]: value })).toThrow(`${name}=${value}: ${message}`);
  });
});

describe("costRows", () => {
  const pricesOf = (settings: Parameters<typeof costRows>[0]) =>
    costRows(settings).map((row) => ({
      name: `${row.architecture}, ${row.speeds}, ${row.memoryMiB}`,
      usdIn: usdPerMillionIn(row),
      usdOut: usdPerMillionOut(row),
    }));

  it("are of one size and one architecture where these are set", () => {
    expect(pricesOf({ MEMORY: 2500, ARCH: "arm64" })).toMatchObject([
      { name: "arm64, published, 2500" },
    ]);
    // 2.9375 GB × 0.0000166667 USD ÷ 80 and ÷ 29.3 tokens a second × 1,000,000
    expect(pricesOf({ MEMORY: 3008 })).toMatchObject([
      {
        name: "x86_64, measured, 3008",
        usdIn: expect.closeTo(0.612, 3),
        usdOut: expect.closeTo(1.6709, 3),
      },
      { name: "x86_64, published, 3008" },
      { name: "arm64, published, 3008" },
    ]);
  });

  it.each([
    // 2.9375 GB × 0.0000166667 USD ÷ 20 × 1,000,000, and × 0.0000133334
    [undefined, "x86_64, given, 3008", 2.4479],
    ["arm64", "arm64, given, 3008", 1.9583],
  ] as const)("price a given speed on %s", (ARCH, name, usd) => {
    const prices = pricesOf({ TOKENS_PER_SECOND: 20, MEMORY: 3008, ARCH });

    expect(prices).toEqual([{ name, usdIn: undefined, usdOut: expect.closeTo(usd, 4) }]);
  });
});

describe("scripts/cost.ts", () => {
  it("prints the tables and leaves docs/cost.md alone when anything is set", async () => {
    const { exitCode, output } = await runScript("cost.ts", {
      TOKENS_PER_SECOND: "20",
      MEMORY: "3008",
    });

    expect(exitCode).toBe(0);
    expect(output).toContain("| x86_64, given | 3,008 MB | 1.70 | ? | 20.0 | ? | 2.45 |");
    expect(output).toContain(`| ${novaMicro.name} |`);
    expect(output).not.toContain("docs/");
  });
});
