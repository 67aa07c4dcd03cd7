import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fakeLlamaServer } from "../helpers/fakes/fake-llama-server.ts";
import { processesWith, waitUntil } from "../helpers/processes.ts";
import { startScript } from "../helpers/run-script.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const kills = 20;
/** Kills of one run, before it is left to end. */
const killsOfRun = 4;
const items = 60;
/** A word takes 10 ms, all items about 2 s: they are killed from loading to the last ones. */
const latestMs = 900;

const folder = temporaryFolder();
const input = join(folder, "in.jsonl");
const model = join(folder, "slow-words");

/** The fake engine answers with as many words as it may, so each answer belongs to its line. */
const wordsOf = (at: number) => 1 + (at % 4);
const isInvalid = (at: number) => at % 10 === 9;
const bodyOf = (at: number) => ({
  prompt: `Item ${at}`,
  n_predict: isInvalid(at) ? -1 : wordsOf(at),
});

function start(out: string) {
  return startScript("batch.ts", {
    IN: input,
    OUT: out,
    LOCAL: "1",
    SKIP_INVALID: "1",
    BITNET_LLAMA_SERVER: fakeLlamaServer,
    BITNET_MODEL: model,
    BITNET_KILL_DELAY_MS: "100",
  });
}

/** The lines of an output: names, and the number of words of each answer. */
function linesOf(path: string) {
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ custom_id, response }) => [custom_id, response.body.content?.trim().split(" ").length]);
}

it("a batch killed by SIGKILL at 20 random moments comes to the same each time", async () => {
  const all = Array.from({ length: items }, (_, at) => at);
  const lines = all.map((at) => ({
    custom_id: `item ${at}`,
    url: "/completion",
    body: bodyOf(at),
  }));
  writeFileSync(input, lines.map((line) => JSON.stringify(line)).join("\n"));
  writeFileSync(model, "");
  const answers = all.filter((at) => !isInvalid(at)).map((at) => [`item ${at}`, wordsOf(at)]);
  const errors = all.filter(isInvalid).map((at) => [`item ${at}`, undefined]);

  const moments: string[] = [];
  for (let run = 0; moments.length < kills; run++) {
    const out = join(folder, `out-${run}`);
    const isDone = () => existsSync(out) && !existsSync(`${out}.partial`);
    // All lines may have been answered in the time of some kills.
    for (let kill = 0; kill < killsOfRun && moments.length < kills && !isDone(); kill++) {
      const script = start(out);
      const ms = Math.random() * latestMs;
      await waitUntil(() => script.output().includes(" lines") || existsSync(out), 20_000);
      await sleep(ms);
      script.child.kill("SIGKILL");
      await script.ended;
      moments.push(`${run}: ${Math.round(ms)} ms`);
    }
    if (!isDone()) await start(out).ended;
    const outcome = { moments, answers: linesOf(out), errors: linesOf(`${out}.errors`) };
    expect(outcome).toEqual({ moments, answers, errors });
  }

  await waitUntil(() => processesWith(model).length === 0);
}, 180_000);
