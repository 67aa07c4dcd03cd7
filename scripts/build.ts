import { chmodSync } from "node:fs";
import { build } from "esbuild";

// Bundles what runs without node_modules: the Lambda handler, what makes its prompt cache in the
// image build, and the reference engine as one executable file with llama-cli's command line.

const common = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "none",
  logLevel: "warning",
} as const;

// A CommonJS dependency inside an ES module bundle still asks for `require`.
const requireShim = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;

const referenceCli = "dist/reference/llama-cli";

await Promise.all([
  build({
    ...common,
    entryPoints: ["runtime/handler.ts"],
    outfile: "dist/handler/handler.mjs",
    minify: true,
    banner: { js: requireShim },
  }),
  build({
    ...common,
    entryPoints: ["scripts/make-prompt-cache.ts"],
    outfile: "dist/prompt-cache/make-prompt-cache.mjs",
    banner: { js: requireShim },
  }),
  build({
    ...common,
    entryPoints: ["model/reference/llama-cli.ts"],
    outfile: `${referenceCli}.mjs`,
    banner: { js: "#!/usr/bin/env node" },
  }),
]);
chmodSync(`${referenceCli}.mjs`, 0o755);
