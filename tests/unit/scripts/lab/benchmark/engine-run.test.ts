import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { llamaCliArguments } from "../../../../../runtime/engine/llama-cli/arguments.ts";
import { runEngineAlone } from "../../../../../scripts/lab/benchmark/engine-run.ts";
import { recordInstantEngine } from "../../../../../scripts/lab/benchmark/experiments/overhead.ts";
import { goldenModel, referenceLlamaCli } from "../../../../helpers/reference.ts";
import { requestOf } from "../../../../helpers/requests.ts";
import { temporaryFolder } from "../../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const request = requestOf("User: Hello<|eot_id|>Assistant: ", { n_predict: 4, temperature: 0 });
const args = llamaCliArguments(request, {
  modelPath: goldenModel,
  contextTokens: 4096,
  threads: 1,
});
const run = (file: string, more: object = {}) =>
  runEngineAlone({ file, args, prompt: request.prompt, folder, ...more });

describe("an engine run for the benchmark", () => {
  it("measures times, rates and memory", async () => {
    const figures = await run(referenceLlamaCli, { watchesMemory: true });

    expect(figures?.total_ms).toBeGreaterThan(figures?.first_token_ms ?? Infinity);
    expect(figures?.tokens_per_second).toBeGreaterThan(0);
    if (process.platform === "linux") expect(figures?.peak_mib).toBeGreaterThan(20);
  });

  it("does not count when it makes another number of tokens", async () => {
    expect(await run(referenceLlamaCli, { tokens: 5 })).toBeUndefined();
    expect(await run(referenceLlamaCli, { tokens: 4 })).toBeDefined();
  });

  it("fails with the end of the engine's stderr", async () => {
    const broken = join(folder, "broken");
    writeFileSync(broken, "#!/bin/sh\necho no such luck >&2\nexit 3\n", { mode: 0o755 });

    await expect(run(broken)).rejects.toThrow("exit code 3:\nno such luck");
  });

  it("is repeated to the letter, and without the engine, by a recording", async () => {
    const instant = recordInstantEngine(referenceLlamaCli, args, request.prompt, folder);

    const [engine, recorded] = [await run(referenceLlamaCli), await run(instant, { tokens: 4 })];

    expect(recorded?.total_ms).toBeLessThan(engine?.total_ms ?? 0);
    expect(recorded?.tokens_per_second).toBeGreaterThan(0);
  });
});
