import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ggufByteLength } from "../model/gguf-writer.ts";
import { parseSetupSettings } from "./build/setup-settings.ts";
import { runInterruptible } from "./cli/command-line.ts";
import { Progress } from "./cli/progress.ts";
import { provideGeneratedModel } from "./lab/synthetic-model/generated-model.ts";
import { shapeOf2B4T, syntheticModel } from "./lab/synthetic-model/synthetic-model.ts";

// `make synthetic-model`: a file of the 2B4T model's shape and size with random weights, to measure
// with where the real one cannot be had. EMBEDDING_TYPE is Q6_K or F16; OUT is another place.

await runInterruptible(async (signal) => {
  const { EMBEDDING_TYPE, OUT } = parseSetupSettings(process.env);
  const name = `synthetic-2b4t-${EMBEDDING_TYPE}`;
  const path = OUT ?? resolve("temp", "model", `${name}.gguf`);
  // The same seed, so the same bytes each time.
  const recipe = { name, shape: shapeOf2B4T, embeddingType: EMBEDDING_TYPE, seed: 1 };
  const content = syntheticModel(recipe);
  const progress = new Progress(ggufByteLength(content) / 1e6, "MB");
  const options = { onProgress: (bytes: number) => progress.update(bytes / 1e6), signal };
  const writing = provideGeneratedModel(path, content, options);
  const wasThere = await writing.finally(() => progress.end());
  const megabytes = (statSync(path).size / 1e6).toFixed(0);
  const what = `${megabytes} MB, embedding ${EMBEDDING_TYPE}, random weights: for measuring only`;
  console.log(`model   ${path}: ${what}${wasThere ? " (there already)" : ""}`);
}, "Nothing was kept.");
