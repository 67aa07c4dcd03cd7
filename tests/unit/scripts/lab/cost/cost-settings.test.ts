import { parseCostSettings } from "../../../../../scripts/lab/cost/cost-settings.ts";

describe("parseCostSettings", () => {
  it("counts with stated values where nothing is set", () => {
    expect(parseCostSettings({ PATH: "/bin", MEMORY: "" })).toEqual({
      PROMPT_TOKENS: 100,
      ANSWER_TOKENS: 100,
      LOAD_MS: 600,
      COLD_SHARE: 0.05,
      COLD_MS: 10_000,
      RESTORE_MS: 0,
      REQUESTS_PER_DAY: 1000,
      PROVISIONED: 1,
      given: {},
    });
  });

  it("reads numbers, other names of architectures, and remembers what was given", () => {
    const given = { TOKENS_PER_SECOND: "20.5", MEMORY: "3008", ARCH: "aarch64", SCALE: "1" };

    expect(parseCostSettings({ ...given, HOME: "/root" })).toMatchObject({
      TOKENS_PER_SECOND: 20.5,
      MEMORY: 3008,
      ARCH: "arm64",
      SCALE: true,
      given,
    });
  });

  it("lists every bad setting, and every one without effect, at once", () => {
    const problems = () =>
      parseCostSettings({
        TOKENS_PER_SECOND: "20tps",
        ARCH: "mips",
        COLD_SHARE: "5",
        PROMPT_TOKENS: "1.5",
        MEASURED: "a.csv",
      });

    expect(problems).toThrow(
      [
        "TOKENS_PER_SECOND=20tps: must be a number, without commas or a unit",
        "ARCH=mips: must be x86_64 or arm64",
        "PROMPT_TOKENS=1.5: must be a whole number",
        "COLD_SHARE=5: at most 1",
        "TOKENS_PER_SECOND: name the memory it was measured with too, as MEMORY=3008",
        "TOKENS_PER_SECOND and MEASURED: only one of them can say how fast it is",
        "PROMPT_TOKENS: has no effect with MEASURED, whose times hold the benchmark's prompts",
      ].join("\n"),
    );
  });

  it.each([
    ["TOKENS_PER_SECOND", "0", "at least 0.001"],
    ["TOKENS_PER_SECOND", "-1", "must be a number"],
    ["PROMPT_TOKENS_PER_SECOND", "fast", "must be a number"],
    ["MEMORY", "127", "at least 128"],
    ["MEMORY", "10241", "at most 10240"],
    ["MEMORY", "3,008", "must be a number, without commas"],
    ["SCALE", "yes", "must be 1, or not set"],
    ["ANSWER_TOKENS", "0", "at least 1"],
    ["ANSWER_TOKENS", "4097", "at most 4096"],
    ["LOAD_MS", "900001", "at most 900000"],
    ["COLD_MS", "10s", "must be a number"],
    ["RESTORE_MS", "x", "must be a number"],
    ["REQUESTS_PER_DAY", "0", "at least 1"],
    ["PROVISIONED", "0", "at least 1"],
  ])("does not take %s=%s", (name, value, message) => {
    expect(() => parseCostSettings({ [name]: value })).toThrow(`${name}=${value}: ${message}`);
  });

  it.each([
    ["PROMPT_TOKENS_PER_SECOND", { PROMPT_TOKENS_PER_SECOND: "50" }],
    ["SCALE", { SCALE: "1" }],
    ["LOAD_MS", { LOAD_MS: "1", MEASURED: "a.csv" }],
    ["PROMPT_TOKENS and ANSWER_TOKENS", { PROMPT_TOKENS: "4000" }],
  ])("says that %s has no place there", (name, environment) => {
    expect(() => parseCostSettings(environment)).toThrow(new RegExp(`^${name}: `));
  });

  it("takes a prompt and an answer that fill the context", () => {
    const { PROMPT_TOKENS } = parseCostSettings({ PROMPT_TOKENS: "3996" });

    expect(PROMPT_TOKENS).toBe(3996);
  });
});
