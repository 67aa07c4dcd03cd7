import { chmodSync, readFileSync } from "node:fs";
import { build, type Plugin } from "esbuild";

// Bundles what runs without node_modules: the Lambda handler, the reference engine's two programs,
// and two steps of the image build.

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

/**
 * Leaves zod's writer of JSON schemas out of the handler: a tenth of the bundle, loaded at every cold
 * start, and never called by the runtime. Its functions then return `undefined`.
 */
const withoutJsonSchemaWriter: Plugin = {
  name: "without-json-schema-writer",
  setup({ onLoad }) {
    const writer =
      /zod\/v4\/core\/(to-json-schema|json-schema-processors|json-schema-generator)\.js$/;
    onLoad({ filter: writer }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const names = source.matchAll(/^export (?:const|function|class) (\w+)/gm);
      return { contents: [...names].map(([, name]) => `export function ${name}() {}`).join("\n") };
    });
  },
};

const steps = {
  "scripts/test-engine.ts": "dist/gate/test-engine.mjs",
  "scripts/build/make-prompt-cache.ts": "dist/prompt-cache/make-prompt-cache.mjs",
};

const referencePrograms = {
  "model/reference/llama-cli.ts": "dist/reference/llama-cli.mjs",
  "model/reference/llama-server.ts": "dist/reference/llama-server.mjs",
};

await Promise.all([
  build({
    ...common,
    entryPoints: ["runtime/handler.ts"],
    outfile: "dist/handler/handler.mjs",
    minify: true,
    plugins: [withoutJsonSchemaWriter],
    banner: { js: requireShim },
  }),
  ...Object.entries(steps).map(([entry, outfile]) =>
    build({ ...common, entryPoints: [entry], outfile, banner: { js: requireShim } }),
  ),
  ...Object.entries(referencePrograms).map(async ([entry, outfile]) => {
    const banner = { js: "#!/usr/bin/env node" };
    await build({ ...common, entryPoints: [entry], outfile, banner });
    chmodSync(outfile, 0o755);
  }),
]);
