import { runBatch } from "../../../../runtime/batch/run-batch.ts";
import { AppError, type ErrorKind } from "../../../../runtime/errors.ts";
import {
  type Line,
  type ServiceScript,
  scriptedService,
} from "../../../helpers/fakes/scripted-service.ts";

/** Time that a batch has, in milliseconds; the scripted service keeps 60,000 of it. */
const plenty = 1_000_000;

interface Setup extends ServiceScript {
  readonly remainingMs?: () => number;
  readonly outcomeBytes?: number;
  readonly signal?: AbortSignal;
}

function item(custom_id: string, prompt = custom_id, more: object = {}) {
  return { custom_id, url: "/completion", body: { prompt, n_predict: 8, ...more } };
}

/** Runs items on a scripted service, where each answer repeats its prompt. */
async function run(items: readonly { custom_id: string }[], setup: Setup = {}) {
  const lines: Line[] = [];
  const asked: string[] = [];
  const reported: (string | null)[] = [];
  const service = scriptedService({
    ...setup,
    onLine: (line) => lines.push(line),
    onRequest: ({ prompt }) => {
      asked.push(prompt);
      setup.onRequest?.({ prompt } as never);
    },
  });
  const outcome = await runBatch(items, {
    service,
    call: service.admit({
      requestId: "id",
      remainingMs: setup.remainingMs ?? (() => plenty),
      signal: setup.signal ?? new AbortController().signal,
    }),
    reserveMs: 60_000,
    outcomeBytes: setup.outcomeBytes ?? plenty,
    now: () => 0,
    onResult: ({ custom_id }) => void reported.push(custom_id),
  });
  const unfinished = outcome.unfinished.map(({ custom_id }) => custom_id);
  return { lines, asked, reported, results: outcome.results, unfinished };
}

/** An engine that fails at prompts that begin with `bad`, so many times. */
function failing(kind: ErrorKind, times: number): ServiceScript {
  let left = times;
  return {
    onRequest({ prompt }) {
      if (prompt.startsWith("bad") && left-- > 0) throw new AppError(kind, "broken");
    },
  };
}

describe("a batch", () => {
  it("asks items that begin alike one after the other, and reports each result", async () => {
    const { asked, reported } = await run([
      item("1", "Tag: b"),
      item("2", "Count: a"),
      item("3", "Tag: a"),
      item("4", "Count: b"),
    ]);

    expect(asked).toEqual(["Count: a", "Count: b", "Tag: a", "Tag: b"]);
    expect(reported).toEqual(["2", "4", "3", "1"]);
  });

  it.each([
    ["/v1/chat/completions", { messages: [{ role: "user", content: "Hi" }] }, "choices"],
    ["/v1/completions", { prompt: "Hi" }, "choices"],
    ["/v1/responses", { input: "Hi" }, "output"],
    ["/completion", { prompt: "Hi" }, "content"],
  ])("answers %s in OpenAI's line", async (url, body, field) => {
    const { results } = await run([{ custom_id: "a", method: "POST", url, body } as never]);

    expect(results).toEqual([
      {
        id: "batch_req_id-0",
        custom_id: "a",
        response: {
          status_code: 200,
          request_id: "id-0",
          body: expect.objectContaining({ model: "golden", [field]: expect.anything() }),
        },
        error: null,
      },
    ]);
  });

  const deep = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);

  it.each([
    ["an unknown route", { url: "/v1/embeddings" }, "url"],
    ["another method", { method: "GET" }, "method"],
    ["a misspelt field", { body: { promt: "x" } }, "body.promt"],
    ["a value out of range", { body: { prompt: "x", top_p: 2 } }, "body.top_p"],
    ["a stream", { body: { prompt: "x", stream: true } }, "body.stream"],
    ["a list for a body", { body: [] }, "body"],
    ["an unknown field of its own", { urls: "x" }, "urls"],
    ["another model", { url: "/v1/completions", body: { prompt: "x", model: "m" } }, "body.model"],
    ["nesting without measure", { body: { prompt: deep } }, "item"],
  ])("makes one error of an item with %s", async (_name, change, param) => {
    const { results } = await run([item("a"), { ...item("b"), ...change }, item("c")]);

    const byId = Object.fromEntries(
      results.map(({ custom_id, response }) => [custom_id, response]),
    );
    expect(byId.a).toMatchObject({ status_code: 200 });
    expect(byId.c).toMatchObject({ status_code: 200 });
    const status_code = param === "body.model" ? 404 : 400;
    expect(byId.b).toMatchObject({ status_code, body: { error: { param } } });
  });

  it("counts the cold start once", async () => {
    const { lines } = await run([item("a"), item("b"), item("c")]);

    const cold = lines.map(
      ({ fields }) => (fields as { "faas.coldstarts"?: number })["faas.coldstarts"],
    );
    expect(cold).toEqual([1, 0, 0]);
  });

  it("logs neither prompts nor names", async () => {
    const { lines } = await run([item("hunter2"), item("x", "y", { hunter2: 1 })]);

    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });
});

describe("a batch whose engine fails", () => {
  it.each([
    ["engine-failed", 1, 200],
    ["engine-killed", 1, 200],
    ["engine-failed", 2, 500],
    ["engine-killed", 2, 503],
    ["context-exceeded", 1, 400],
  ] as const)(
    "by %s %d times answers that item with %d, and the others",
    async (kind, times, status) => {
      const { results } = await run(
        [item("bad"), item("good"), item("also")],
        failing(kind, times),
      );

      const statuses = results.map(({ custom_id, response }) => [custom_id, response.status_code]);
      expect(statuses).toEqual([
        ["also", 200],
        ["bad", status],
        ["good", 200],
      ]);
    },
  );

  it.each(["engine-missing", "model-missing", "model-invalid", "engine-unavailable"] as const)(
    "by %s fails where nothing is done, and else returns the rest as unfinished",
    async (kind) => {
      const failed = run([item("bad"), item("good")], failing(kind, 2));
      const partial = await run([item("also"), item("bad"), item("good")], failing(kind, 2));

      await expect(failed).rejects.toMatchObject({ kind });
      expect(partial.reported).toEqual(["also"]);
      expect(partial.unfinished).toEqual(["bad", "good"]);
    },
  );
});

/** An engine that is cut off by the deadline, 30 ms from now, in each answer. */
const cut: Setup = { isEndless: true, remainingMs: () => 60_030 };

describe("the bounds of a batch", () => {
  it("are its deadline: it begins no item that there is no time for", async () => {
    let asked = 0;
    const { reported, unfinished } = await run([item("a"), item("b"), item("c")], {
      remainingMs: () => (asked < 2 ? plenty : 0),
      onRequest: () => void asked++,
    });

    expect(reported).toEqual(["a", "b"]);
    expect(unfinished).toEqual(["c"]);
  });

  it("are its deadline: the first item is answered by what there is", async () => {
    const { results } = await run([item("a")], cut);

    expect(results[0]?.response).toMatchObject({
      status_code: 200,
      body: { content: "a", finish_reason: "deadline" },
    });
  });

  it("are its deadline: a later item that is cut is unfinished", async () => {
    const { reported, unfinished } = await run([item("bad", ""), item("b"), item("c")], cut);

    expect(reported).toEqual(["bad"]);
    expect(unfinished).toEqual(["b", "c"]);
  });

  it("are its bytes: what does not fit is unfinished, and what never will is an error", async () => {
    const long = "w".repeat(2000);
    const fits = await run([item("a"), item("b", `b${long}`), item("c")], { outcomeBytes: 3000 });
    const never = await run([item("b", long)], { outcomeBytes: 1500 });

    expect(fits.reported).toEqual(["a"]);
    expect(fits.unfinished).toEqual(["b", "c"]);
    expect(never.results[0]?.response).toMatchObject({ status_code: 413 });
  });

  it("are its caller: after Ctrl-C all the rest is unfinished", async () => {
    const stopping = new AbortController();
    const { reported, unfinished } = await run([item("a"), item("b"), item("c")], {
      signal: stopping.signal,
      onRequest: ({ prompt }) => prompt === "b" && stopping.abort(),
    });

    expect(reported).toEqual(["a"]);
    expect(unfinished).toEqual(["b", "c"]);
  });
});
