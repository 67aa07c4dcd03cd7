import { statSync } from "node:fs";
import { parseSetupSettings } from "./build/setup-settings.ts";
import { runScript } from "./cli/run-script.ts";
import { provideSynthetic2B4T, synthetic2B4TPath } from "./lab/synthetic-model/synthetic-2b4t.ts";

// `make synthetic-model`: a file of the 2B4T model's shape and size with random weights, to measure
// with where the real one cannot be had. EMBEDDING_TYPE is Q6_K or F16; OUT is another place.

await runScript(async (signal) => {
  const { EMBEDDING_TYPE, OUT } = parseSetupSettings(process.env);
  const path = OUT ?? synthetic2B4TPath(EMBEDDING_TYPE);
  const wasThere = await provideSynthetic2B4T(EMBEDDING_TYPE, path, signal);
  const megabytes = (statSync(path).size / 1e6).toFixed(0);
  const what = `${megabytes} MB, embedding ${EMBEDDING_TYPE}, random weights: for measuring only`;
  console.log(`model   ${path}: ${what}${wasThere ? " (there already)" : ""}`);
}, "Nothing was kept.");
