import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BatchOutcome } from "../../../../runtime/batch/run-batch.ts";
import { type EngineName, engineNames } from "../../../../runtime/engine/engines.ts";
import { fakeVariables, openApplication } from "../../../helpers/fakes/fake-application.ts";
import { processesWith } from "../../../helpers/processes.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();
const items = ["Tag: b", "Count: a", "Tag: a"].map((prompt, at) => ({
  custom_id: `item ${at}`,
  method: "POST",
  url: "/completion",
  body: { prompt, n_predict: 2 },
}));

/** An application on the fake engines, and what it logs. */
function open(engine: EngineName, scenario: string) {
  const { application, context, lines } = openApplication(
    fakeVariables(engine, join(folder, scenario)),
  );
  return {
    invoke: (event: unknown): Promise<unknown> => application.invoke(event, context),
    lines,
  };
}

describe.each(engineNames)("a batch invocation, with single requests on %s", (engine) => {
  // What the fake engine has noted of the run before.
  beforeEach(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  });

  it("is answered by the resident engine, prompts that begin alike together", async () => {
    const { invoke } = open(engine, "notes-bodies");

    const outcome = (await invoke({ batch: { items } })) as BatchOutcome;

    const notes = readFileSync(join(folder, "notes-bodies.bodies"), "utf8").trim().split("\n");
    // Those without an answer only read a prompt.
    const asked = notes.map((note) => JSON.parse(note)).filter((body) => body.n_predict === 2);
    expect(outcome.unfinished).toEqual([]);
    expect(outcome.results.map(({ custom_id }) => custom_id)).toEqual([
      "item 1",
      "item 2",
      "item 0",
    ]);
    expect(asked.map(({ prompt }) => prompt)).toEqual(["Count: a", "Tag: a", "Tag: b"]);
    expect(asked.every((body) => body.cache_prompt)).toBe(true);
  });

  it("leaves single requests as they were, and no second engine behind", async () => {
    const { invoke } = open(engine, "fast");
    await invoke({ prompt: "Hi" });
    await invoke({ batch: { items } });

    const running = processesWith(join(folder, "fast")).length;
    const single = (await invoke({ prompt: "Hi" })) as { statusCode: number; body: string };

    expect(running).toBe(engine === "llama-cli" ? 0 : 1);
    expect(single.statusCode).toBe(200);
    expect(JSON.parse(single.body)).toMatchObject({ model: "fast", cold_start: false });
  });

  it("fails with a model that cannot be loaded, and logs why", async () => {
    const { invoke, lines } = open(engine, "load-error");

    await expect(invoke({ batch: { items } })).rejects.toMatchObject({ kind: "model-invalid" });

    expect(lines).toMatchObject([
      { event: "request_failed", request_id: "id-1", kind: "model-invalid" },
    ]);
  });
});

describe("an event with a batch", () => {
  it.each([
    ["no object", [], "batch: must be an object"],
    ["no items", {}, "batch.items: is missing; must be an array"],
    ["an empty list", { items: [] }, "batch.items: must not be empty"],
    ["an item without a name", { items: [{ url: "/" }] }, "batch.items[0].custom_id: is missing"],
    ["two items of one name", { items: [items[0], items[0]] }, "a custom_id of its own"],
    [
      "a limit that is none",
      { items, outcome_bytes: 0 },
      "batch.outcome_bytes: must be at least 1",
    ],
  ])("of %s fails as a whole", async (_name, batch, message) => {
    const { invoke } = open("llama-cli", "fast");

    await expect(invoke({ batch })).rejects.toThrow(message);
  });
});
