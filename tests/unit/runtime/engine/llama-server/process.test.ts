import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../../../../runtime/config.ts";
import { startLlamaServer } from "../../../../../runtime/engine/llama-server/process.ts";
import { never } from "../../../../helpers/collect.ts";
import { engineOptions } from "../../../../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../../../../helpers/fakes/fake-llama-server.ts";
import { processesWith } from "../../../../helpers/processes.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const modelPath = join(folder, "planned");

/** A start with a fault planned for it, and little patience. */
function start(plan: object) {
  writeFileSync(modelPath, JSON.stringify(plan));
  const config = parseConfig({
    BITNET_ENGINE: "llama-server",
    BITNET_LLAMA_SERVER: fakeLlamaServer,
    BITNET_MODEL: modelPath,
    BITNET_KILL_DELAY_MS: "50",
  });
  const options = engineOptions(config, { temporaryFolder: folder });
  return startLlamaServer(options, never(), { loadMs: 400, answerMs: 100 });
}

it.each([
  ["load", "hang"],
  ["load", "hang-deaf"],
  ["load", "SIGSTOP"],
  ["start", "hang"],
])(
  "startLlamaServer gives up a server that has not loaded in time: %s, %s",
  async (stage, fault) => {
    await expect(start({ stage, fault })).rejects.toMatchObject({
      kind: "engine-unavailable",
      message: expect.stringContaining("has not loaded the model in"),
    });

    expect(processesWith(modelPath)).toEqual([]);
  },
);
