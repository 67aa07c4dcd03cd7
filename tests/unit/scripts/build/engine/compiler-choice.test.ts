import { chooseCompilers } from "../../../../../scripts/build/engine/compiler-choice.ts";

type Named = Parameters<typeof chooseCompilers>[1];

/** What is chosen on a machine with these programs. */
const choose = (named: Named, programs: string) =>
  chooseCompilers("19.1.7", named, (name) =>
    programs.split(" ").includes(name) ? `/usr/bin/${name}` : undefined,
  );

describe("chooseCompilers", () => {
  it.each<[Named, string, string, string]>([
    [{}, "clang-19 clang++-19 clang clang++ cmake make", "clang-19", "clang++-19"],
    [{}, "clang-19 clang++-19 cmake ninja", "clang-19", "clang++-19"],
    [{}, "clang clang++ cmake make", "clang", "clang++"],
    [{}, "clang-19 clang clang++ cmake make", "clang", "clang++"],
    [{ CC: "gcc-12" }, "gcc-12 g++-12 clang-19 clang++-19 cmake make", "gcc-12", "g++-12"],
    [{ CC: "clang-17" }, "clang-17 clang++-17 cmake make", "clang-17", "clang++-17"],
    [
      { CC: "/clang/clang" },
      "/clang/clang /clang/clang++ cmake make",
      "/clang/clang",
      "/clang/clang++",
    ],
    [{ CC: "mycc", CXX: "mycxx" }, "mycc mycxx clang clang++ cmake make", "mycc", "mycxx"],
  ])("given %j and %s, takes %s and %s", (named, programs, cc, cxx) => {
    expect(choose(named, programs)).toEqual({ cc, cxx });
  });

  it.each<[Named, string, RegExp]>([
    [{ CC: "gcc" }, "clang-19 clang++-19 cmake make", /gcc and g\+\+/],
    [
      {},
      "",
      /clang-19 and clang\+\+-19, or clang and clang\+\+\n +cmake\n +make or ninja\n.*apt-get install/,
    ],
  ])("given %j and %j, lists everything missing and how to get it", (named, programs, message) => {
    expect(() => choose(named, programs)).toThrow(message);
  });
});
