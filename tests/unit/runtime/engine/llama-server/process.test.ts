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

describe("startLlamaServer", () => {
  it.each(["hang", "hang-deaf", "SIGSTOP"])(
    "gives up a server that does not come to its end of loading: %s",
    async (fault) => {
      await expect(start({ stage: "load", fault })).rejects.toMatchObject({
        kind: "engine-unavailable",
        message: expect.stringContaining("has not loaded the model in"),
      });

      expect(processesWith(modelPath)).toEqual([]);
    },
  );

  it("gives up a server that never listens", async () => {
    await expect(start({ stage: "start", fault: "hang" })).rejects.toMatchObject({
      kind: "engine-unavailable",
    });
  });
});
