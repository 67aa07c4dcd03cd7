import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../../runtime/config.ts";
import type { Engine } from "../../../runtime/engine/engine.ts";
import { LlamaServerEngine } from "../../../runtime/engine/llama-server/engine.ts";
import { engineOptions } from "./fake-llama-cli.ts";

/** The fake resident engine's executable; its scenario is the name of the model. */
export const fakeLlamaServer = join(import.meta.dirname, "../../fixtures/fake-llama-server.mjs");

/** The llama-server adapters that a test file has made, stopped after it. */
const engines: Engine[] = [];

/** The llama-server adapter on any executable and model. */
export function llamaServerEngine(
  llamaServerPath: string,
  modelPath: string,
  variables: Record<string, string> = {},
): Engine {
  const config = parseConfig({
    BITNET_ENGINE: "llama-server",
    BITNET_LLAMA_SERVER: llamaServerPath,
    BITNET_MODEL: modelPath,
    BITNET_KILL_DELAY_MS: "100",
    ...variables,
  });
  const engine = new LlamaServerEngine(engineOptions(config));
  engines.push(engine);
  return engine;
}

/** The llama-server adapter on the fake, in a folder of its own for what it notes. */
export function fakeServerEngine(scenario: string, variables?: Record<string, string>): Engine {
  const folder = mkdtempSync(join(tmpdir(), "bitnet-fake-server-"));
  return llamaServerEngine(fakeLlamaServer, join(folder, scenario), variables);
}

/** Ends every server that was started here. */
export async function stopServers(): Promise<void> {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
}
