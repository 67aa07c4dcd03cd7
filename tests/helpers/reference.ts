import { join } from "node:path";

/** The reference engine as one executable file; `tests/global-setup.ts` builds it. */
export const referenceLlamaCli = join(import.meta.dirname, "../../dist/reference/llama-cli.mjs");

/** The model that ships with the repository. */
export const goldenModel = join(import.meta.dirname, "../../model/golden/golden.gguf");

/** The resident reference engine as one executable file. */
export const referenceLlamaServer = join(
  import.meta.dirname,
  "../../dist/reference/llama-server.mjs",
);
