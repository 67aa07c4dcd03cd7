import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closedBehind } from "../helpers/closed-behind.ts";
import { fakeLlamaCli } from "../helpers/fakes/fake-llama-cli.ts";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { engineNames } from "../helpers/fakes/planned-engine.ts";
import { limitMemory, type MemoryLimit, memoryLimitObstacle } from "../helpers/memory-limit.ts";
import { expectHonest, outcomeOf, type WholeAnswer } from "../helpers/served-answer.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { itSurvives, slowest, tally } from "./helpers/fault.ts";
import { startFaultyApplication } from "./helpers/faulty-application.ts";

/** A fake engine is a Node.js process of 45 MiB; what it takes beyond this gets it killed. */
const limitBytes = 150 * 1024 * 1024;

const programs = { "llama-cli": fakeLlamaCli, "llama-server": fakeLlamaServer } as const;
const pathVariables = {
  "llama-cli": "BITNET_LLAMA_CLI",
  "llama-server": "BITNET_LLAMA_SERVER",
} as const;

const folder = temporaryFolder();
const opened = closedBehind();

/** An executable that puts itself under the limit and then becomes the engine. */
function limited(program: string, { processesFile }: MemoryLimit): string {
  const path = join(folder, "engine");
  writeFileSync(path, `#!/bin/sh\necho $$ > ${processesFile}\nexec ${program} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.each(engineNames)("%s killed by the kernel for want of memory", (engine) => {
  for (const [stage, when] of [
    ["load", "while it loads"],
    ["answer", "in the middle of its answer"],
  ] as const) {
    itSurvives({
      fault: `${when}, in a control group of 150 MiB`,
      must: "503 engine-killed, a stream ends with an error event; the next request works",
      notHere: memoryLimitObstacle(),
      async run() {
        const limit = opened(limitMemory(limitBytes));
        const variables = { [pathVariables[engine]]: limited(programs[engine], limit) };
        const application = opened(await startFaultyApplication({ engine, variables }));
        const answers: WholeAnswer[] = [];
        for (const ask of [application.ask, application.stream]) {
          await application.endResident();
          application.plan({ stage, fault: "allocate" });
          const answer = await ask();
          expectHonest(answer, stage);
          expect(answer.code).toBe("engine-killed");
          answers.push(answer);
          await application.askFaultless(stage);
        }
        const kills = limit.kills();
        expect(kills).toBeGreaterThanOrEqual(answers.length);
        return {
          happened: `${tally(answers.map(outcomeOf))}; next: 2 × 200`,
          figures: { "killed by the kernel": kills, "slowest failure": slowest(answers) },
        };
      },
    });
  }
});
