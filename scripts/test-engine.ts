import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { sha256OfFile } from "../model/verified-file.ts";
import { parseConfig } from "../runtime/config.ts";
import { createEngine } from "../runtime/engine/create-engine.ts";
import {
  judge,
  readExpectations,
  type Verdict,
  verdictTable,
} from "./build/golden-expectations.ts";
import { requireFile } from "./cli/require-file.ts";

// `make test-engine ENGINE=/path/to/llama-cli`, and the gate of the image build: compares an engine's
// answers with the golden model's. SERVER=/path/to/llama-server is checked too. Exit code 1 on any
// difference.

const { values } = parseArgs({
  options: {
    engine: { type: "string", default: process.env.ENGINE ?? "" },
    server: { type: "string", default: process.env.SERVER ?? "" },
    model: { type: "string", default: process.env.MODEL || "model/golden/golden.gguf" },
    expectations: { type: "string", default: "model/golden/expectations.json" },
    threads: { type: "string", default: process.env.THREADS || "1" },
  },
});
if (values.engine === "") {
  console.error("Name the engine to test: make test-engine ENGINE=/path/to/llama-cli");
  process.exit(2);
}
requireFile("ENGINE", values.engine, "run");
if (values.server !== "") requireFile("SERVER", values.server, "run");
requireFile("MODEL", values.model, "read");
requireFile("--expectations", values.expectations, "read");

const { cases, modelSha256 } = readExpectations(values.expectations);
if ((await sha256OfFile(values.model)) !== modelSha256) {
  console.error(`${values.expectations} holds the answers of another model than ${values.model}`);
  process.exit(2);
}

/** Compares every case with the answers of one engine; prints the table. */
async function isRight(name: string, variables: Record<string, string>): Promise<boolean> {
  const config = parseConfig({
    ...variables,
    BITNET_MODEL: resolve(values.model),
    BITNET_THREADS: values.threads,
  });
  const engine = createEngine(config, process.env);
  console.log(`engine ${name}\nmodel  ${config.modelPath}\n`);
  const verdicts: Verdict[] = [];
  for (const expectation of cases) {
    if (process.stderr.isTTY) process.stderr.write(`\r${verdicts.length + 1}/${cases.length} `);
    verdicts.push(await judge(engine, expectation));
  }
  if (process.stderr.isTTY) process.stderr.write("\r");
  const wrong = verdicts.filter(({ differences }) => differences.length > 0);
  console.log(verdictTable(verdicts));
  console.log(`\n${cases.length - wrong.length} of ${cases.length} right\n`);
  return wrong.length === 0;
}

const cli = resolve(values.engine);
const server = resolve(values.server);
const judged = [
  await isRight(cli, { BITNET_LLAMA_CLI: cli }),
  values.server === "" ||
    (await isRight(server, { BITNET_ENGINE: "llama-server", BITNET_LLAMA_SERVER: server })),
];
// Setting the exit code alone would not end this process: a resident engine keeps it alive.
process.exit(judged.includes(false) ? 1 : 0);
