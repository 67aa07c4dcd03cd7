import { type Architecture, containerArchitecture } from "../../../model/architecture.ts";
import type { Pins } from "../../../model/pins.ts";
import { baseReference } from "./base-reference.ts";
import { buildPackages, emulatorFor } from "./build-packages.ts";

/** What the Dockerfile's arguments follow from. */
export interface StageInputs {
  readonly pins: Pins;
  readonly settings: { readonly ALLOW_UNPINNED_BASES: boolean };
  /** Where it is built. */
  readonly build: Architecture;
  /** What the compiler compiles for. */
  readonly compile: Architecture;
  /** What the image is for. */
  readonly target: Architecture;
}

/**
 * The Dockerfile's arguments.
 *
 * @throws UserError for a base image that is not pinned
 */
export function stageArguments(inputs: StageInputs): Record<string, string> {
  const { pins, settings, build, compile, target } = inputs;
  const { BUILD_BASE, RUNTIME_BASE } = pins.baseImages;
  const reference = (image: typeof BUILD_BASE, architecture: Architecture) =>
    baseReference(image, architecture, settings.ALLOW_UNPINNED_BASES);
  const compilerMajor = pins.compilerVersion.split(".")[0] ?? "";
  return {
    BUILD_BASE: reference(BUILD_BASE, build),
    GATE_BASE: reference(RUNTIME_BASE, build),
    RUNTIME_BASE: reference(RUNTIME_BASE, target),
    BUILD_PLATFORM: `linux/${containerArchitecture[build]}`,
    TARGET_PLATFORM: `linux/${containerArchitecture[target]}`,
    PACKAGES: buildPackages(compilerMajor, build, compile).join(" "),
    ARCH: compile,
    PROGRAMS: "llama-cli llama-server llama-quantize",
    COMPILER: compilerMajor,
    COMPILER_VERSION: pins.compilerVersion,
    RUNNER: emulatorFor(build, compile),
  };
}
