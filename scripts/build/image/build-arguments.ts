import { type Architecture, containerArchitecture } from "../../../model/architecture.ts";
import type { BaseImage } from "../../../model/pins.ts";
import { UserError } from "../../../model/user-error.ts";
import type { ImageInputs } from "./image-inputs.ts";

/** What the Dockerfile's arguments follow from. */
export type ArgumentInputs = Pick<ImageInputs, "host" | "pins"> & {
  readonly settings: { readonly ALLOW_UNPINNED_BASES: boolean };
};

/** The Dockerfile's arguments for an architecture. @throws UserError for an unpinned base image */
export function buildArguments(
  { host, pins, settings }: ArgumentInputs,
  target: Architecture,
): Record<string, string> {
  const { BUILD_BASE, RUNTIME_BASE } = pins.baseImages;
  const reference = (image: BaseImage, architecture: Architecture) =>
    baseReference(image, architecture, settings.ALLOW_UNPINNED_BASES);
  const compilerMajor = pins.compilerVersion.split(".")[0] ?? "";
  return {
    BUILD_BASE: reference(BUILD_BASE, host),
    GATE_BASE: reference(RUNTIME_BASE, host),
    RUNTIME_BASE: reference(RUNTIME_BASE, target),
    BUILD_PLATFORM: `linux/${containerArchitecture[host]}`,
    TARGET_PLATFORM: `linux/${containerArchitecture[target]}`,
    PACKAGES: buildPackages(compilerMajor, host, target).join(" "),
    ARCH: target,
    PROGRAMS: "llama-cli llama-server llama-quantize",
    COMPILER: compilerMajor,
    COMPILER_VERSION: pins.compilerVersion,
    RUNNER: host === target ? "" : cross[target].emulator,
  };
}

/** Packages and programs of Debian for another architecture than the machine's. */
const cross = {
  x86_64: { binutils: "binutils-x86-64-linux-gnu", emulator: "qemu-x86_64-static" },
  arm64: { binutils: "binutils-aarch64-linux-gnu", emulator: "qemu-aarch64-static" },
} as const satisfies Record<Architecture, unknown>;

/** Debian's packages that compile the engine, and run it when it is for another architecture. */
export function buildPackages(
  compilerMajor: string,
  host: Architecture,
  target: Architecture,
): string[] {
  const tools = ["cmake", "make", "binutils", "libc6-dev", "libstdc++-12-dev"];
  const native = [`clang-${compilerMajor}`, ...tools];
  if (host === target) return native;
  const libraries = ["libc6-dev", "libstdc++-12-dev", "libgcc-12-dev"].map(
    (name) => `${name}-${containerArchitecture[target]}-cross`,
  );
  return [...native, cross[target].binutils, ...libraries, "qemu-user-static"];
}

/** A base image by digest; by tag while the digest is unknown and the user allows that. */
function baseReference(
  { name, tag, digests }: BaseImage,
  architecture: Architecture,
  allowsUnpinned: boolean,
): string {
  const digest = digests[architecture];
  if (digest !== undefined) return `${name}@${digest}`;
  if (allowsUnpinned) return `${name}:${tag}`;
  throw new UserError(
    `${name}:${tag} is not pinned for ${architecture}.\nRun make pins, check what it wrote, and commit it. To build on what the tag points at today: ALLOW_UNPINNED_BASES=1`,
  );
}
