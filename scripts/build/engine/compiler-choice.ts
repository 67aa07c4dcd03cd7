import { UserError } from "../../../model/user-error.ts";
import type { FindProgram } from "../../cli/find-program.ts";

/** A C and a C++ compiler of one kind. */
export interface Compilers {
  readonly cc: string;
  readonly cxx: string;
}

/** Other programs that compile the engine; one of each row is needed. */
const buildTools = [["cmake"], ["make", "ninja"]] as const;

const installAdvice =
  "On Debian and Ubuntu: apt-get install clang-19 (or clang) cmake make. On macOS: xcode-select --install, and cmake from Homebrew.";

/**
 * The compilers of `make engine`: those that the user names, the pinned clang, or any clang.
 *
 * @param pinnedVersion as in the pins, `19.1.7`
 * @param named CC and CXX; CXX is found from CC when it is not named
 * @throws UserError that lists everything missing and how to get it
 */
export function chooseCompilers(
  pinnedVersion: string,
  named: { readonly CC?: string | undefined; readonly CXX?: string | undefined },
  findProgram: FindProgram,
): Compilers {
  const candidates = candidatesFor(pinnedVersion, named);
  const isThere = (name: string) => findProgram(name) !== undefined;
  const found = candidates.find(({ cc, cxx }) => isThere(cc) && isThere(cxx));
  const missing = [
    ...(found ? [] : [candidates.map(({ cc, cxx }) => `${cc} and ${cxx}`).join(", or ")]),
    ...buildTools.filter((names) => !names.some(isThere)).map((names) => names.join(" or ")),
  ];
  if (found && missing.length === 0) return found;
  throw new UserError(
    `the engine cannot be compiled, this is missing:\n  ${missing.join("\n  ")}\n${installAdvice}`,
  );
}

function candidatesFor(
  pinnedVersion: string,
  { CC, CXX }: { readonly CC?: string | undefined; readonly CXX?: string | undefined },
): Compilers[] {
  if (CC !== undefined) {
    // In the program's name only, not in its folder's.
    const cxx = CC.replace(/clang(?=[^/]*$)/, "clang++").replace(/gcc(?=[^/]*$)/, "g++");
    return [{ cc: CC, cxx: CXX ?? cxx }];
  }
  const major = pinnedVersion.split(".")[0];
  return [
    { cc: `clang-${major}`, cxx: `clang++-${major}` },
    { cc: "clang", cxx: "clang++" },
  ];
}
