import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeLlamaCli } from "../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { closeAfterEach } from "./helpers/close-after-each.ts";
import { FaultyApplication } from "./helpers/faulty-application.ts";
import { itUnless } from "./helpers/it-unless.ts";
import { MemoryLimit, memoryLimitObstacle } from "./helpers/memory-limit.ts";
import { engineNames } from "./helpers/planned-engine.ts";
import { expectHonest } from "./helpers/served-answer.ts";

/** A fake engine is a Node.js process of 45 MiB. */
const limitBytes = 150 * 1024 * 1024;

const engines = {
  "llama-cli": { variable: "BITNET_LLAMA_CLI", program: fakeLlamaCli },
  "llama-server": { variable: "BITNET_LLAMA_SERVER", program: fakeLlamaServer },
} as const;

const folder = temporaryFolder();
const opened = closeAfterEach();

/** An executable that puts itself under the limit and then becomes the engine. */
function limited(program: string, { processesFile }: MemoryLimit): string {
  const path = join(folder, "engine");
  writeFileSync(path, `#!/bin/sh\necho $$ > ${processesFile}\nexec ${program} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.each(engineNames)("%s in a control group of 150 MiB", (engine) => {
  const stages = [
    ["load", "while it loads"],
    ["answer", "while it decodes"],
  ] as const;

  for (const [stage, when] of stages) {
    const title = `fails with engine-killed and answers the next request after the kernel kills it ${when}`;
    itUnless(memoryLimitObstacle())(title, async () => {
      const limit = opened(new MemoryLimit(limitBytes));
      const { variable, program } = engines[engine];
      const variables = { [variable]: limited(program, limit) };
      const application = opened(await FaultyApplication.start(engine, { variables }));

      for (const way of ["ask", "stream"] as const) {
        await application.endResident();
        application.engine.plan({ stage, fault: "allocate" });
        const answer = await application[way]();
        expectHonest(answer, stage);
        expect(answer.code).toBe("engine-killed");
        await application.askFaultless(stage);
      }

      expect(limit.kills()).toBeGreaterThanOrEqual(2);
    });
  }
});
