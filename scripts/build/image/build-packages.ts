import type { Architecture } from "../../../model/architecture.ts";

/** Debian's architecture names inside package names. */
const crossNames = {
  x86_64: { binutils: "x86-64-linux-gnu", libraries: "amd64-cross" },
  arm64: { binutils: "aarch64-linux-gnu", libraries: "arm64-cross" },
} as const satisfies Record<Architecture, unknown>;

/**
 * Debian's packages that compile the engine.
 *
 * @param compilerMajor `19`
 * @param build where it is compiled
 * @param target what it is compiled for: another architecture needs its libraries and an emulator
 */
export function buildPackages(
  compilerMajor: string,
  build: Architecture,
  target: Architecture,
): string[] {
  const native = [`clang-${compilerMajor}`, "cmake", "make", "binutils", "libc6-dev"];
  const libraries = ["libstdc++-12-dev"];
  if (build === target) return [...native, ...libraries];
  const cross = crossNames[target];
  return [
    ...native,
    ...libraries,
    `binutils-${cross.binutils}`,
    ...["libc6-dev", "libstdc++-12-dev", "libgcc-12-dev"].map(
      (name) => `${name}-${cross.libraries}`,
    ),
    "qemu-user-static",
  ];
}

/** The emulator that runs one architecture's programs on another; none for the same one. */
export function emulatorFor(build: Architecture, target: Architecture): string {
  if (build === target) return "";
  return { x86_64: "qemu-x86_64-static", arm64: "qemu-aarch64-static" }[target];
}
