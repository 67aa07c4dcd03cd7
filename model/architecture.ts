import { UserError } from "./user-error.ts";

/** The processor architectures of AWS Lambda, by Lambda's names. */
export const architectures = ["x86_64", "arm64"] as const;

/** One of {@link architectures}. */
export type Architecture = (typeof architectures)[number];

/** Architecture → its name in container platforms. */
export const containerArchitecture = {
  x86_64: "amd64",
  arm64: "arm64",
} as const satisfies Record<Architecture, string>;

/** Architecture → its name in Node's `process.arch`. */
export const nodeArchitecture = {
  x86_64: "x64",
  arm64: "arm64",
} as const satisfies Record<Architecture, string>;

/** Names of other tools. */
const aliases: Readonly<Record<string, Architecture>> = {
  x86_64: "x86_64",
  x64: "x86_64",
  amd64: "x86_64",
  arm64: "arm64",
  aarch64: "arm64",
};

/** An architecture by any of its usual names (`x64`, `amd64`, `aarch64` …). @throws UserError */
export function parseArchitecture(name: string): Architecture {
  const architecture = aliases[name.toLowerCase()];
  if (architecture) return architecture;
  throw new UserError(`ARCH=${name}: must be ${architectures.join(" or ")}`);
}
