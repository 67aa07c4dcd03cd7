import { readFileSync } from "node:fs";
import { type Architecture, architectures } from "../../../../../model/architecture.ts";
import { parsePins, pinsPath, withPins } from "../../../../../model/pins.ts";
import { emulatorFor } from "../../../../../scripts/build/image/build-packages.ts";
import { stageArguments } from "../../../../../scripts/build/image/stage-arguments.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const pinned = parsePins(
  withPins(readFileSync(pinsPath, "utf8"), {
    BUILD_BASE_DIGEST_X86_64: digest("1"),
    BUILD_BASE_DIGEST_ARM64: digest("2"),
    RUNTIME_BASE_DIGEST_X86_64: digest("3"),
    RUNTIME_BASE_DIGEST_ARM64: digest("4"),
  }),
);
const unpinned = parsePins(
  withPins(readFileSync(pinsPath, "utf8"), {
    BUILD_BASE_DIGEST_X86_64: "unknown",
    BUILD_BASE_DIGEST_ARM64: "unknown",
    RUNTIME_BASE_DIGEST_X86_64: "unknown",
    RUNTIME_BASE_DIGEST_ARM64: "unknown",
  }),
);

const arguments_ = (build: Architecture, target: Architecture, allows = false, pins = pinned) =>
  stageArguments({
    pins,
    settings: { ALLOW_UNPINNED_BASES: allows },
    build,
    compile: target,
    target,
  });

describe("stageArguments", () => {
  it("builds and judges on this machine's processor, for the target's", () => {
    expect(arguments_("x86_64", "arm64")).toMatchObject({
      BUILD_BASE: `docker.io/library/debian@${digest("1")}`,
      GATE_BASE: `public.ecr.aws/lambda/nodejs@${digest("3")}`,
      RUNTIME_BASE: `public.ecr.aws/lambda/nodejs@${digest("4")}`,
      BUILD_PLATFORM: "linux/amd64",
      TARGET_PLATFORM: "linux/arm64",
      ARCH: "arm64",
      RUNNER: "qemu-aarch64-static",
      COMPILER: "19",
      COMPILER_VERSION: "19.1.7",
    });
  });

  it.each(architectures)(
    "needs no emulator and no cross libraries on %s itself",
    (architecture) => {
      const { RUNNER, PACKAGES } = arguments_(architecture, architecture);

      expect(RUNNER).toBe("");
      expect(PACKAGES).not.toMatch(/cross|qemu/);
      expect(PACKAGES).toContain("clang-19");
    },
  );

  it.each([
    ["x86_64", "arm64", "libstdc++-12-dev-arm64-cross"],
    ["arm64", "x86_64", "libstdc++-12-dev-amd64-cross"],
  ] as const)("compiles on %s for %s with its libraries", (build, target, library) => {
    const packages = (arguments_(build, target).PACKAGES ?? "").split(" ");

    expect(packages).toEqual(expect.arrayContaining([library, "qemu-user-static"]));
    expect(emulatorFor(build, target)).not.toBe("");
  });

  it("refuses a base image nobody has pinned, and says how to pin it", () => {
    expect(() => arguments_("x86_64", "x86_64", false, unpinned)).toThrow(
      /nobody has pinned docker\.io\/library\/debian.*make pins.*ALLOW_UNPINNED_BASES=1/s,
    );
  });

  it("takes the tag when the user allows it, and a digest where there is one", () => {
    expect(arguments_("x86_64", "x86_64", true, unpinned).RUNTIME_BASE).toBe(
      "public.ecr.aws/lambda/nodejs:24",
    );
    expect(arguments_("x86_64", "x86_64", true).RUNTIME_BASE).toContain("@sha256:");
  });
});
