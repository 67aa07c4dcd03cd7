import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Architecture } from "./architecture.ts";
import { UserError } from "./user-error.ts";

/** The pins file, from the repository's root. */
export const pinsPath = "container/pins.env";

const commit = z.string().regex(/^[0-9a-f]{40}$/, "must be a full commit id: 40 hex digits");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a sha256: 64 hex digits");
const digest = z
  .string()
  .regex(/^(unknown|sha256:[0-9a-f]{64})$/, "must be sha256:<64 hex digits>, or unknown")
  .transform((text) => (text === "unknown" ? undefined : text));
const nonEmpty = z.string().min(1, "must not be empty");
const repositoryUrl = nonEmpty.transform((text) => text.replace(/\/+$/, ""));

/** Every key of the file. */
const pinsSchema = z.strictObject({
  ENGINE_REPOSITORY: repositoryUrl,
  ENGINE_SUBMODULE_REPOSITORY: repositoryUrl,
  ENGINE_SUBMODULE_PATH: nonEmpty,
  ENGINE_COMMIT_X86_64: commit,
  ENGINE_SUBMODULE_COMMIT_X86_64: commit,
  ENGINE_COMMIT_ARM64: commit,
  ENGINE_SUBMODULE_COMMIT_ARM64: commit,
  COMPILER_VERSION: z.string().regex(/^\d+\.\d+\.\d+$/, "must be like 19.1.7"),
  BUILD_BASE_NAME: nonEmpty,
  BUILD_BASE_TAG: nonEmpty,
  BUILD_BASE_DIGEST_X86_64: digest,
  BUILD_BASE_DIGEST_ARM64: digest,
  RUNTIME_BASE_NAME: nonEmpty,
  RUNTIME_BASE_TAG: nonEmpty,
  RUNTIME_BASE_DIGEST_X86_64: digest,
  RUNTIME_BASE_DIGEST_ARM64: digest,
  MODEL_BASE_URL: repositoryUrl,
  MODEL_REPOSITORY: nonEmpty,
  MODEL_REVISION: commit,
  MODEL_FILE: z.string().regex(/^[\w.-]+\.gguf$/, "must be the name of a .gguf file"),
  MODEL_BYTES: z
    .string()
    .regex(/^[1-9]\d*$/, "must be a number of bytes")
    .transform(Number),
  MODEL_SHA256: sha256,
});

/** The pins file as values. */
export type Pins = ReturnType<typeof parsePins>;

/** Which base image: of the build stages, or of the function. */
export type BaseImageRole = keyof Pins["baseImages"];

/** A container image: name, tag, and the digests of the tag when it was pinned, as far as known. */
export type BaseImage = Pins["baseImages"][BaseImageRole];

/** The pinned model file. */
export type ModelPin = Pins["model"];

/** The engine's source for one architecture. */
export type EnginePin = Pins["engine"][Architecture];

/** Reads the pins, of another file for forks and tests. @throws UserError that lists all problems */
export function readPins(path: string = pinsPath): Pins {
  return parsePins(readPinsText(path), path);
}

/** The file's text. @throws UserError when it cannot be read */
export function readPinsText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError(`the pins file cannot be read: ${path}`, { cause });
  }
}

/** The text of a pins file as {@link Pins}. @throws UserError that lists everything wrong */
export function parsePins(text: string, path: string = pinsPath) {
  const result = pinsSchema.safeParse(parseKeyValueLines(text));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issueText(issue)}`);
    throw new UserError(`${path}:\n${problems.join("\n")}`);
  }
  const pins = result.data;
  const engineFor = (suffix: "X86_64" | "ARM64") => ({
    repository: pins.ENGINE_REPOSITORY,
    submoduleRepository: pins.ENGINE_SUBMODULE_REPOSITORY,
    /** The submodule's folder in the tree. */
    submodulePath: pins.ENGINE_SUBMODULE_PATH,
    commit: pins[`ENGINE_COMMIT_${suffix}` as const],
    submoduleCommit: pins[`ENGINE_SUBMODULE_COMMIT_${suffix}` as const],
  });
  const imageFor = (role: "BUILD_BASE" | "RUNTIME_BASE") => ({
    name: pins[`${role}_NAME` as const],
    tag: pins[`${role}_TAG` as const],
    digests: {
      x86_64: pins[`${role}_DIGEST_X86_64` as const],
      arm64: pins[`${role}_DIGEST_ARM64` as const],
    },
  });
  return {
    engine: { x86_64: engineFor("X86_64"), arm64: engineFor("ARM64") },
    compilerVersion: pins.COMPILER_VERSION,
    baseImages: { BUILD_BASE: imageFor("BUILD_BASE"), RUNTIME_BASE: imageFor("RUNTIME_BASE") },
    model: {
      baseUrl: pins.MODEL_BASE_URL,
      repository: pins.MODEL_REPOSITORY,
      revision: pins.MODEL_REVISION,
      file: pins.MODEL_FILE,
      bytes: pins.MODEL_BYTES,
      sha256: pins.MODEL_SHA256,
    },
  };
}

/** The key of the pins file that holds a base image's digest. */
export function digestKey(role: BaseImageRole, architecture: Architecture): string {
  return `${role}_DIGEST_${architecture.toUpperCase()}`;
}

/** The text of a pins file with other values for some keys; comments and order stay. */
export function withPins(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce(
    (changed, [key, value]) =>
      changed.replace(new RegExp(`^${key}=.*$`, "m"), () => `${key}=${value}`),
    text,
  );
}

/** `KEY=value` lines without blank lines and comments. A line of another form becomes a key. */
function parseKeyValueLines(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim());
  const pairs = lines.flatMap((line): [string, string][] => {
    if (line === "" || line.startsWith("#")) return [];
    const [, key = line, value = ""] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    return [[key, value]];
  });
  return Object.fromEntries(pairs);
}

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `${issue.keys.join(", ")}: not a known key`;
  const isMissing = issue.code === "invalid_type";
  return `${issue.path.join(".")}: ${isMissing ? "is missing" : issue.message}`;
}
