import { join } from "node:path";

const built = join(import.meta.dirname, "../../dist/reference");

/** The reference engine as executable files; `tests/global-setup.mjs` builds them. */
export const referenceLlamaCli = join(built, "llama-cli.mjs");
export const referenceLlamaServer = join(built, "llama-server.mjs");

/** The model that ships with the repository. */
export const goldenModel = join(import.meta.dirname, "../../model/golden/golden.gguf");
