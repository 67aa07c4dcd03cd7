import { chooseCompilers } from "../../../../../scripts/build/engine/compiler-choice.ts";

/** A machine with these programs. */
const having =
  (...names: string[]) =>
  (name: string) =>
    names.includes(name) ? `/usr/bin/${name}` : undefined;
const tools = ["cmake", "make"];

describe("chooseCompilers", () => {
  it.each([
    [
      "the pinned clang first",
      ["clang-19", "clang++-19", "clang", "clang++"],
      "clang-19",
      "clang++-19",
    ],
    ["any clang otherwise", ["clang", "clang++"], "clang", "clang++"],
    ["a pair only", ["clang-19", "clang", "clang++"], "clang", "clang++"],
  ])("takes %s", (_case, programs, cc, cxx) => {
    expect(chooseCompilers("19.1.7", {}, having(...programs, ...tools))).toEqual({ cc, cxx });
  });

  it.each([
    [{ CC: "gcc-12" }, { cc: "gcc-12", cxx: "g++-12" }],
    [{ CC: "clang-17" }, { cc: "clang-17", cxx: "clang++-17" }],
    [{ CC: "/opt/clang/bin/clang" }, { cc: "/opt/clang/bin/clang", cxx: "/opt/clang/bin/clang++" }],
    [
      { CC: "mycc", CXX: "mycxx" },
      { cc: "mycc", cxx: "mycxx" },
    ],
  ])("takes what the user names: %j", (named, compilers) => {
    const machine = having(compilers.cc, compilers.cxx, "clang-19", "clang++-19", ...tools);

    expect(chooseCompilers("19.1.7", named, machine)).toEqual(compilers);
  });

  it("does not take another compiler than the named one", () => {
    const machine = having("clang-19", "clang++-19", ...tools);

    expect(() => chooseCompilers("19.1.7", { CC: "gcc" }, machine)).toThrow(/gcc and g\+\+/);
  });

  it("is content with ninja", () => {
    const machine = having("clang-19", "clang++-19", "cmake", "ninja");

    expect(() => chooseCompilers("19.1.7", {}, machine)).not.toThrow();
  });

  it("lists everything missing and how to get it", () => {
    const choose = () => chooseCompilers("19.1.7", {}, having());

    for (const text of [
      "clang-19 and clang++-19, or clang and clang++",
      "cmake",
      "make or ninja",
      "apt-get install",
    ]) {
      expect(choose).toThrow(text);
    }
  });
});
