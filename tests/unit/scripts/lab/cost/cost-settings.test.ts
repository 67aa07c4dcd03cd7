import { readCostSettings } from "../../../../../scripts/lab/cost/cost-rows.ts";

describe("readCostSettings", () => {
  it("reads numbers and other names of architectures; nothing set asks for everything", () => {
    const given = { TOKENS_PER_SECOND: "20.5", MEMORY: "3008", ARCH: "aarch64" };
    const read = { TOKENS_PER_SECOND: 20.5, MEMORY: 3008, ARCH: "arm64" };

    expect(readCostSettings(given)).toEqual(read);
    expect(readCostSettings({ PATH: "/bin", MEMORY: "" })).toEqual({});
  });

  it("lists every bad setting at once", () => {
    const problems = () => readCostSettings({ TOKENS_PER_SECOND: "20tps", ARCH: "mips" });

    expect(problems).toThrow(
      [
        "TOKENS_PER_SECOND=20tps: must be a number, without commas or a unit",
        "ARCH=mips: must be x86_64 or arm64",
      ].join("\n"),
    );
  });

  it.each([
    ["TOKENS_PER_SECOND", "0", "at least 0.001"],
    ["TOKENS_PER_SECOND", "-1", "must be a number"],
    ["TOKENS_PER_SECOND", "20", "needs the memory it was measured with, as MEMORY=3008"],
    ["MEMORY", "127", "at least 128"],
    ["MEMORY", "10241", "at most 10240"],
    ["MEMORY", "3,008", "must be a number, without commas"],
    ["MEMORY", "3008.5", "must be a whole number"],
  ])("does not take %s=%s", (name, value, message) => {
    expect(() => readCostSettings({ [name]: value })).toThrow(`${name}=${value}: ${message}`);
  });
});
