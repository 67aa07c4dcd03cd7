import { spreadText } from "../../statistics.ts";
import { loadHandler } from "../bundled-handler.ts";
import { compare } from "../comparison.ts";
import { compareInTurn, type Experiment } from "../experiment.ts";

/** Items of one batch. */
const itemsPerBatch = 50;
const answerTokens = 8;

/** At most so many rounds: one takes a minute. */
const mostRounds = 5;

/** Smallest acceptable ratio of single calls to a batch, in time an item. */
const ratioLimit = 5;

const names = { batch: "in a batch", single: "one llama-cli call an item" } as const;

/** Words of English prose, from another place each time. */
const words = (count: number, from: number) =>
  Array.from({ length: count }, (_, at) => prose[(from + at) % prose.length]).join(" ");

const prose =
  "Customers write about deliveries, invoices, damaged products and forgotten passwords. Read the message below, decide which department should answer, and reply with exactly one category from this list: shipping, billing, returns, account, complaint, praise. Ignore greetings, signatures, advertising and everything that previous employees have quoted. When several categories apply, choose the one that the customer mentions first; when none applies, reply with other. Never explain the decision, never translate the message, and never repeat personal information such as names, addresses or telephone numbers.".split(
    " ",
  );

/** Many short answers under one instruction: in one batch, and by single calls. */
export const batch: Experiment = {
  id: "batch",
  title: "A batch against single calls",
  about: `Items of 40 words under a shared instruction of 200 words, ${answerTokens} tokens of answer, through the handler. A batch is one invocation with ${itemsPerBatch} items, the start of its resident engine included; its time is that of an item. Larger batches spread the start, and the one reading of the instruction, over more items.`,
  obstacle: ({ isReference }) =>
    isReference
      ? "the golden model's context does not hold the instruction: name a compiled engine and a model of 2B4T's shape"
      : undefined,
  async run(bench) {
    const handler = await loadHandler({ BITNET_ENGINE: "llama-cli" });
    const instruction = words(200, 0);
    let asked = 0;
    const nextRequest = () => ({
      messages: [
        { role: "system", content: instruction },
        { role: "user", content: words(40, 13 * ++asked) },
      ],
      max_tokens: answerTokens,
      ignore_eos: true,
    });
    const comparison = await compareInTurn(
      { ...bench, rounds: Math.min(bench.rounds, mostRounds) },
      {
        [names.batch]: () => {
          const items = Array.from({ length: itemsPerBatch }, (_, at) => ({
            custom_id: `${at}`,
            url: "/v1/chat/completions",
            body: nextRequest(),
          }));
          return timed(itemsPerBatch, () => handler({ batch: { items } }));
        },
        [names.single]: () => {
          const { max_tokens, ...request } = nextRequest();
          return timed(1, () => handler({ ...request, n_predict: max_tokens }));
        },
      },
      [{ figure: "item_ms", label: "an item", unit: "ms" }],
    );
    const ratio = compare(comparison, "item_ms")[1]?.ratio;
    if (ratio === undefined) throw new Error("nothing was measured");
    return {
      comparisons: [comparison],
      limits: [
        {
          limit: `single calls take at least ${ratioLimit} times as long as a batch (median of ratios)`,
          isMet: ratio.median >= ratioLimit,
          measured: spreadText(ratio, 1),
        },
      ],
    };
  },
};

/** Milliseconds an item of an invocation; `undefined` when an item failed. */
async function timed(items: number, invoke: () => Promise<unknown>) {
  const startedAt = performance.now();
  const outcome = JSON.stringify(await invoke());
  const itemMs = (performance.now() - startedAt) / items;
  const answers = outcome.match(/"status_?[cC]ode":200/g)?.length ?? 0;
  return answers === items ? { item_ms: itemMs } : undefined;
}
