import { resolve } from "node:path";
import * as z from "zod";
import { type Architecture, architectures, parseArchitecture } from "../../model/architecture.ts";
import { pinsPath } from "../../model/pins.ts";
import { environmentSchema } from "../../runtime/config.ts";
import { type Environment, readVariables } from "../../runtime/variables.ts";

const path = z.string().transform((text) => resolve(text));
const yes = z.literal("1", "must be 1, or not set").transform(() => true);

/** Settings of init, engine, image, pins, smoke and synthetic-model. */
const settingsSchema = z.object({
  /** Architecture. Default: both for init, this machine's for engine, x86_64 for image and smoke. */
  ARCH: z.string().optional(),
  /** Another pins file: for forks and tests. */
  PINS: path.default(resolve(pinsPath)),
  /** A clone of BitNet with its submodule: nothing is fetched. */
  ENGINE_SOURCE: path.optional(),
  /** A GGUF file: nothing is fetched. */
  BITNET_MODEL: path.optional(),
  /** A mirror of the model hub. */
  MODEL_BASE_URL: z.url("must be an address: https://…").optional(),
  /** A token for the model hub. Sent there alone, and stored nowhere. */
  HF_TOKEN: z.string().optional(),
  /** docker, podman, finch or buildah; default: the first that works. */
  CONTAINER_TOOL: z.string().optional(),
  /** Type of the embedding in the image: Q6_K is smaller and faster, F16 is as published. */
  EMBEDDING_TYPE: z.enum(["Q6_K", "F16"]).default("Q6_K"),
  /** Where `make synthetic-model` writes; default: under temp/model, with the embedding's type. */
  OUT: path.optional(),
  /** The function's system prompt: the engine's state behind it goes into the image. */
  BITNET_SYSTEM_PROMPT: environmentSchema.shape.BITNET_SYSTEM_PROMPT,
  /** Build on base images that are not pinned. */
  ALLOW_UNPINNED_BASES: yes.default(false),
  /** `never`: base images are on this machine; no registry is asked. */
  PULL: z.literal("never", "must be never, or not set").optional(),
  /** C compiler of `make engine`. Default: the pinned clang, or another one with a warning. */
  CC: z.string().optional(),
  CXX: z.string().optional(),
});

/** The parsed {@link settingsSchema}. */
export type SetupSettings = z.infer<typeof settingsSchema>;

/** Reads the settings. @throws AppError `config-invalid` that lists every bad one */
export function parseSetupSettings(environment: Environment): SetupSettings {
  return readVariables(settingsSchema, environment, { secrets: ["HF_TOKEN"] });
}

/** The architecture of ARCH; all when it is not set. */
export function namedArchitectures({ ARCH }: SetupSettings): readonly Architecture[] {
  return ARCH === undefined ? architectures : [parseArchitecture(ARCH)];
}
