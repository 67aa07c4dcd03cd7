import { parseArchitecture } from "../../../model/architecture.ts";

describe("parseArchitecture", () => {
  it.each([
    ["x86_64", "x86_64"],
    ["x64", "x86_64"],
    ["AMD64", "x86_64"],
    ["arm64", "arm64"],
    ["aarch64", "arm64"],
  ])("knows %s", (name, architecture) => {
    expect(parseArchitecture(name)).toBe(architecture);
  });

  it("lists the known names", () => {
    expect(() => parseArchitecture("riscv64")).toThrow("ARCH=riscv64: must be x86_64 or arm64");
  });
});
