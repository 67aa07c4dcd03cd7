import { spreadText } from "../../statistics.ts";
import { type BundledHandler, loadHandler } from "../bundled-handler.ts";
import { compare } from "../comparison.ts";
import {
  type Comparison,
  compareInTurn,
  type Experiment,
  type Limit,
  withFewRounds,
} from "../experiment.ts";
import type { Alternatives } from "../in-turn.ts";
import { letters } from "../question.ts";

/** Tokens of the shared instruction and of each item. English has some 1.3 tokens a word. */
const workloads = [
  { instruction: 260, item: 52 },
  { instruction: 700, item: 140 },
] as const;
const answerTokens = 8;

/** Items of the two batches that are measured; what one more item takes follows from them. */
const batchItems = { few: 2, many: 10 } as const;

/** Items of the run, and of an invocation of the deployed function, that are computed from them. */
const runItems = 2000;
const invocationItems = 50;

/** Smallest acceptable ratio of single calls to a run of batches, in time an item. */
const ratioLimit = 5;

const names = { batch: "in a batch", single: "one llama-cli call an item" } as const;

/** Many short answers under one instruction: in one batch, and by single calls. */
export const batch: Experiment = {
  id: "batch",
  title: "A batch against single calls",
  about: `Items under a shared instruction, ${answerTokens} tokens of answer, through the handler. Batches of ${batchItems.few} and of ${batchItems.many} items are measured, the start of their resident engine included; from them follows the time of an item in a run of ${runItems} on one engine, as \`make batch LOCAL=1\` makes it, and in invocations of ${invocationItems}. The more of a prompt is shared, the more a batch gains.`,
  obstacle: ({ isReference }) =>
    isReference
      ? "the golden model's context does not hold the instruction: name a compiled engine and a model of 2B4T's shape"
      : undefined,
  async run(bench) {
    const handler = await loadHandler({ BITNET_ENGINE: "llama-cli" });
    const few = withFewRounds(bench);
    const comparisons: Comparison[] = [];
    for (const workload of workloads) {
      const { instruction, item } = workload;
      const title = `${instruction} tokens of instruction, ${item} of item`;
      comparisons.push({
        ...(await compareInTurn(few, alternatives(handler, workload), columns)),
        title,
      });
    }
    return { comparisons, limits: comparisons.map(limitOf) };
  },
};

const columns = [
  { figure: "run_item_ms", label: `an item in a run of ${runItems}`, unit: "ms" },
  { figure: "invocation_item_ms", label: `in invocations of ${invocationItems}`, unit: "ms" },
] as const;

type Workload = (typeof workloads)[number];

/** A batch, and a call an item. Every item is another one, so that no cache holds it. */
function alternatives(handler: BundledHandler, { instruction, item }: Workload): Alternatives {
  let asked = 0;
  const nextRequest = () => ({
    messages: [
      { role: "system", content: letters(instruction) },
      { role: "user", content: letters(item, ++asked) },
    ],
    max_tokens: answerTokens,
    ignore_eos: true,
  });
  const batchMs = (count: number) => {
    const items = Array.from({ length: count }, (_, at) => ({
      custom_id: `${at}`,
      url: "/v1/chat/completions",
      body: nextRequest(),
    }));
    return timed(count, () => handler({ batch: { items } }));
  };
  return {
    async [names.batch]() {
      const [few, many] = [await batchMs(batchItems.few), await batchMs(batchItems.many)];
      if (few === undefined || many === undefined) return undefined;
      const itemMs = (many - few) / (batchItems.many - batchItems.few);
      const startMs = few - itemMs * batchItems.few;
      return {
        run_item_ms: itemMs + startMs / runItems,
        invocation_item_ms: itemMs + startMs / invocationItems,
      };
    },
    async [names.single]() {
      const { max_tokens, ...request } = nextRequest();
      const ms = await timed(1, () => handler({ ...request, n_predict: max_tokens }));
      if (ms === undefined) return undefined;
      return { run_item_ms: ms, invocation_item_ms: ms };
    },
  };
}

function limitOf(comparison: Comparison): Limit {
  const ratio = compare(comparison, "run_item_ms")[1]?.ratio;
  if (ratio === undefined) throw new Error("nothing was measured");
  return {
    limit: `${comparison.title}: single calls take at least ${ratioLimit} times as long as items in a run of ${runItems} (median of ratios)`,
    isMet: ratio.median >= ratioLimit,
    measured: spreadText(ratio, 1),
  };
}

/** Milliseconds of an invocation; `undefined` when an item failed. */
async function timed(items: number, invoke: () => Promise<unknown>) {
  const startedAt = performance.now();
  const outcome = JSON.stringify(await invoke());
  const ms = performance.now() - startedAt;
  const answers = outcome.match(/"status_?[cC]ode":200/g)?.length ?? 0;
  return answers === items ? ms : undefined;
}
