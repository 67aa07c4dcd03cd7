import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../../../runtime/config.ts";
import { createEngine } from "../../../../runtime/engine/create-engine.ts";
import type { Engine } from "../../../../runtime/engine/engine.ts";
import { type EngineName, engineNames } from "../../../../runtime/engine/engines.ts";
import { collect, never } from "../../../helpers/collect.ts";
import { fakeVariables } from "../../../helpers/fakes/fake-application.ts";
import { requestOf } from "../../../helpers/requests.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const engines: Engine[] = [];
afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.stop())));

/** An engine on a fake and a model file, without content, of so many bytes; 2B4T's has 797 MB. */
function engineOn(name: EngineName, scenario: string, memoryMB: string, modelBytes = 796_877_472) {
  const model = join(folder, scenario);
  writeFileSync(model, "");
  truncateSync(model, modelBytes);
  const config = parseConfig({
    ...fakeVariables(name, model),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMB,
  });
  const engine = createEngine(config, process.env);
  engines.push(engine);
  return engine;
}

/** A prompt of so many tokens for either fake, BOS included. */
const promptOf = (tokens: number) => "word ".repeat(tokens - 1);

describe.each(engineNames)("%s in a function's memory", (name) => {
  it.each([
    ["1024", "1504"],
    ["1536", "4096"],
    ["", "4096"],
  ])("of %s MB has a context of at most %s tokens", async (memoryMB, contextTokens) => {
    const request = requestOf("Hi", { n_predict: 4096 });

    const { text } = await collect(engineOn(name, "echo", memoryMB).generate(request, never()));

    const { args } = JSON.parse(text);
    expect(args[args.indexOf("--ctx-size") + 1]).toBe(contextTokens);
  });

  it("refuses a prompt that needs more, and names the memory that would do", async () => {
    const engine = engineOn(name, "words", "1024");
    const ask = (tokens: number) =>
      collect(engine.generate(requestOf(promptOf(tokens), { n_predict: 100 }), never()));

    await expect(ask(1500)).resolves.toMatchObject({ end: { usage: { promptTokens: 1500 } } });
    await expect(ask(1501)).rejects.toMatchObject({
      kind: "context-exceeded",
      message:
        "the prompt has 1501 tokens, at most 1500 fit: shorten it, or give the function 1033 MB of memory",
      details: { promptTokens: 1501, maximumTokens: 1500 },
    });
    // All of the context for a prompt that would fill it, and no memory for one that never fits.
    await expect(ask(4092)).rejects.toThrow("give the function 1213 MB of memory");
    await expect(ask(4093)).rejects.toThrow(/shorten it$/);
  });

  it("refuses every request where it cannot hold the model", async () => {
    const engine = engineOn(name, "words", "1024", 1_184_000_000);
    const message =
      "the model does not fit into the function's 1024 MB of memory: give it at least 1287 MB";

    await expect(collect(engine.generate(requestOf("Hi"), never()))).rejects.toMatchObject({
      kind: "context-exceeded",
      message,
    });
    expect(() => engine.checkHealth()).toThrow(
      expect.objectContaining({ kind: "engine-unavailable", message }),
    );
  });
});
