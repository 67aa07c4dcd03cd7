import { chmodSync, readFileSync } from "node:fs";
import { build, type Plugin } from "esbuild";

// Bundles what runs without node_modules: the Lambda handler, the reference engine as two executable
// files with the command lines of llama-cli and llama-server, and two steps of the image build: the
// golden-model check and the maker of the prompt cache.

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

const referencePrograms = ["llama-cli", "llama-server"] as const;

await Promise.all([
  build({
    ...common,
    entryPoints: ["runtime/handler.ts"],
    outfile: "dist/handler/handler.mjs",
    minify: true,
    plugins: [withoutJsonSchemaWriter],
    banner: { js: requireShim },
  }),
  build({
    ...common,
    entryPoints: ["scripts/test-engine.ts"],
    outfile: "dist/gate/test-engine.mjs",
    banner: { js: requireShim },
  }),
  build({
    ...common,
    entryPoints: ["scripts/build/make-prompt-cache.ts"],
    outfile: "dist/prompt-cache/make-prompt-cache.mjs",
    banner: { js: requireShim },
  }),
  ...referencePrograms.map(buildReference),
]);

async function buildReference(name: (typeof referencePrograms)[number]): Promise<void> {
  const outfile = `dist/reference/${name}.mjs`;
  await build({
    ...common,
    entryPoints: [`model/reference/${name}.ts`],
    outfile,
    banner: { js: "#!/usr/bin/env node" },
  });
  chmodSync(outfile, 0o755);
}
