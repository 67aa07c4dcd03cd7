import { APIError, BadRequestError, NotFoundError, type OpenAI } from "openai";
import { answer as expected, greedy, messages, openAiClient, question } from "./served-golden.ts";

/** A server under test, as OpenAI's own client sees it. */
export interface ServerUnderTest {
  readonly baseUrl: () => string;
  /** Aborts reach the engine: not through Lambda, which does not tell of them. */
  readonly isAbortSeen: boolean;
  /** Answers leave piece by piece: not from a buffered function URL. */
  readonly isStreaming: boolean;
}

type ChatRequest = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

const { model } = greedy;
const ask = { ...greedy, max_tokens: 48, messages };

/** A question whose answer goes on for long. */
const longQuestion = "Tell me a joke about programming.";

/** What OpenAI's own client must find on every way in. */
export function describeOpenAiClient(name: string, under: ServerUnderTest): void {
  const client = () => openAiClient(under.baseUrl());

  /** What the client throws for a request. */
  const thrownBy = (request: ChatRequest & { grammar?: string }): Promise<unknown> =>
    client()
      .chat.completions.create(request)
      .catch((thrown: unknown) => thrown);
  /** A long answer, as it is made: enough that a busy machine does not hand it over at once. */
  const streamLong = (max_tokens: number) => {
    const long = [{ role: "user" as const, content: longQuestion }];
    return client().chat.completions.create({ ...ask, messages: long, max_tokens, stream: true });
  };

  describe(`OpenAI's client on ${name}`, () => {
    it("lists the model and finds it by name", async () => {
      const { data } = await client().models.list();
      const found = await client().models.retrieve(model);

      expect(data.map(({ id }) => id)).toEqual([model]);
      expect(found).toEqual(data[0]);
      await expect(client().models.retrieve("gpt-4o")).rejects.toThrow(NotFoundError);
    });

    it("chats", async () => {
      const answer = await client().chat.completions.create(ask);

      const [choice] = answer.choices;
      expect(choice?.message).toMatchObject({ role: "assistant", content: expected });
      expect(choice?.finish_reason).toBe("stop");
      expect(answer).toMatchObject({ object: "chat.completion", model });
      expect(answer.usage?.prompt_tokens).toBeGreaterThan(0);
      expect(answer.usage?.total_tokens).toBe(
        (answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0),
      );
    });

    it("streams the same answer, with the counts behind it, for the client's own helper too", async () => {
      const stream = await client().chat.completions.create({
        ...ask,
        stream: true,
        stream_options: { include_usage: true },
      });

      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      const pieces = chunks.map(({ choices }) => choices[0]?.delta.content ?? "");
      expect(pieces.filter(Boolean).length).toBeGreaterThan(1);
      expect(pieces.join("")).toBe(expected);
      expect(await client().chat.completions.stream(ask).finalContent()).toBe(expected);
      expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
      expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
      expect(chunks.at(-1)).toMatchObject({
        choices: [],
        usage: { prompt_tokens: expect.any(Number) },
      });
    });

    it("completes a prompt as it is, streamed and whole", async () => {
      const request = { model, prompt: question, temperature: 0, max_tokens: 4 };
      const whole = await client().completions.create(request);
      const stream = await client().completions.create({ ...request, stream: true });

      let text = "";
      for await (const { object, choices } of stream) {
        expect(object).toBe("text_completion");
        text += choices[0]?.text ?? "";
      }
      expect(whole).toMatchObject({
        object: "text_completion",
        model,
        choices: [{ finish_reason: "length" }],
        usage: { completion_tokens: 4 },
      });
      expect(whole.choices[0]?.text).not.toBe("");
      expect(text).toBe(whole.choices[0]?.text);
    });

    it("stops at a stop string, which is not part of the answer", async () => {
      const stop = expected.slice(4, 9);

      const answer = await client().chat.completions.create({ ...ask, stop });

      expect(answer.choices[0]).toMatchObject({
        message: { content: expected.slice(0, expected.indexOf(stop)) },
        finish_reason: "stop",
      });
      expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
    });

    it("refuses what it would have to ignore, naming each field", async () => {
      const error = await thrownBy({ ...ask, n: 9, store: true, temperature: 3 });

      expect(error).toBeInstanceOf(BadRequestError);
      expect(error).toMatchObject({ status: 400, type: "invalid_request_error", param: "store" });
      expect(String(error)).toMatch(/store: .*temperature: must be a number from 0 to 2.*n: must/);
    });

    it("refuses a grammar and a schema that the engine would ignore", async () => {
      const schema = { type: "object", properties: { a: { type: "string", pattern: "x" } } };
      const format = { type: "json_schema", json_schema: { name: "x", schema } } as const;

      const byGrammar = await thrownBy({ ...ask, grammar: "root ::= (" });
      const bySchema = await thrownBy({ ...ask, response_format: format });

      const path = "response_format.json_schema.schema.properties.a.pattern";
      expect(String(byGrammar)).toContain("grammar: line 1, column 11: expected `)`");
      expect(String(bySchema)).toContain(`${path}: is a keyword that cannot`);
    });

    it("refuses a body that is too long", async () => {
      const messages = [{ role: "user" as const, content: "x".repeat(2 * 1024 * 1024) }];

      const error = await thrownBy({ ...ask, messages });

      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({ status: 413, code: "payload-too-large" });
    });

    if (under.isStreaming) {
      it("sends pieces while the engine makes them", async () => {
        // A busy machine may hand over a quick answer at once; a server that collects one always does.
        let isAhead = false;
        for (let attempt = 0; attempt < 5 && !isAhead; attempt++) {
          const { readMs, madeMs } = await streamedTimes();
          expect(madeMs).toBeGreaterThan(0);
          isAhead = readMs > madeMs / 2;
        }

        expect(isAhead).toBe(true);
      });

      /** From first to last: the chunks as they are read, and the tokens as the engine makes them. */
      async function streamedTimes() {
        let firstAt: number | undefined;
        let last: unknown;
        for await (const chunk of await streamLong(200)) {
          firstAt ??= performance.now();
          last = chunk;
        }
        const { timings } = (last as { bitnet: { timings: Record<string, number> } }).bitnet;
        return {
          readMs: performance.now() - (firstAt ?? Number.NaN),
          madeMs: (timings.total_ms ?? Number.NaN) - (timings.first_token_ms ?? 0),
        };
      }
    }

    if (under.isAbortSeen) {
      it("frees the engine when a stream is aborted", async () => {
        const stream = await streamLong(4000);
        for await (const _ of stream) stream.controller.abort();

        const next = await client().chat.completions.create(ask, { timeout: 4000 });

        expect(next.choices[0]?.message.content).toBe(expected);
      });
    }

    it("draws the same with the same seed, and something else with another", async () => {
      const drawn = async (seed: number) => {
        const request = { ...ask, temperature: 2, top_p: 1, top_k: 0, min_p: 0, seed };
        return (await client().chat.completions.create(request)).choices[0]?.message.content;
      };

      const [first, again, other] = [await drawn(1), await drawn(1), await drawn(2)];

      expect(again).toBe(first);
      expect(other).not.toBe(first);
    });

    it("answers in the shape of a JSON schema", async () => {
      const schema = {
        type: "object",
        properties: {
          city: { type: "string", maxLength: 8 },
          size: { enum: ["small", "large"] },
          tags: { type: "array", items: { type: "boolean" }, maxItems: 2 },
        },
        required: ["city", "size", "tags"],
        additionalProperties: false,
      };
      const format = { type: "json_schema", json_schema: { name: "city", schema } } as const;

      const request = { ...ask, max_tokens: 300, response_format: format };
      const answer = await client().chat.completions.create(request);

      const value = JSON.parse(answer.choices[0]?.message.content ?? "");
      expect(answer.choices[0]?.finish_reason).toBe("stop");
      expect(Object.keys(value)).toEqual(["city", "size", "tags"]);
      expect(["small", "large"]).toContain(value.size);
      expect([...value.city].length).toBeLessThanOrEqual(8);
    });
  });
}
