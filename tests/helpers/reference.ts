import { join } from "node:path";

const built = join(import.meta.dirname, "../../dist/reference");

/** The reference engine as executable files; `tests/global-setup.mjs` builds them. */
export const referenceLlamaCli = join(built, "llama-cli.mjs");
export const referenceLlamaServer = join(built, "llama-server.mjs");

/** The model that ships with the repository. */
export const goldenModel = join(import.meta.dirname, "../../model/golden/golden.gguf");

/** Each engine with the function's variables for it. ENGINE and SERVER name compiled ones instead. */
export const enginesUnderTest = [
  ["llama-cli", { BITNET_LLAMA_CLI: process.env.ENGINE || referenceLlamaCli }],
  [
    "llama-server",
    {
      BITNET_ENGINE: "llama-server",
      BITNET_LLAMA_SERVER: process.env.SERVER || referenceLlamaServer,
    },
  ],
] as const;
