import * as fc from "fast-check";
import { nodeListener } from "../../runtime/http/node-adapter.ts";
import { serve } from "../helpers/http-server.ts";
import { fuzzTarget } from "./fuzz/fuzz-target.ts";
import { answerToStream, rawStream, streamAnswerFault } from "./fuzz/raw-streams.ts";
import {
  constrainedCases,
  type FuzzCase,
  fuzz,
  largeCases,
  rawCases,
  shapedCases,
} from "./fuzz/run-fuzz.ts";
import { itSurvives, type Observed } from "./helpers/fault.ts";

/** Requests in all; FUZZ_RUNS chooses, FUZZ_SEED repeats a run. */
const runs = wholeNumber("FUZZ_RUNS", 100_000);
const seed = wholeNumber("FUZZ_SEED", Date.now() % 1_000_000_000);

/** A request that needs more computing hangs, as far as its caller can tell. */
const limitMs = 2000;

const must =
  "no crash, no hang, no 5xx, every error in its documented shape, nothing of it in the log";

const groups: readonly {
  readonly fault: string;
  readonly cases: fc.Arbitrary<FuzzCase>;
  readonly share: number;
}[] = [
  { fault: "requests in the shape of requests", cases: shapedCases, share: 0.5 },
  { fault: "grammars and JSON schemas", cases: constrainedCases, share: 0.25 },
  { fault: "raw bytes, headers, methods and paths", cases: rawCases, share: 0.247 },
  { fault: "bodies as large and as hard as may be", cases: largeCases, share: 0.003 },
];

function wholeNumber(variable: string, otherwise: number): number {
  const text = process.env[variable] || String(otherwise);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${variable}=${text}: a whole number below 1000000000`);
}

describe("fuzzed requests", () => {
  for (const { fault, cases, share } of groups) {
    itSurvives({
      fault,
      must,
      limitMs: 300_000,
      async run(): Promise<Observed> {
        const told = await fuzz(cases, { runs: Math.ceil(runs * share), seed, limitMs });
        const statuses = Object.entries(told.statuses).map(
          ([status, count]) => `${count} × ${status}`,
        );
        return {
          happened: statuses.join(", "),
          figures: {
            requests: told.runs,
            seed,
            slowest: `${told.slowestMs.toFixed(0)} ms of computing (${told.slowestWay})`,
          },
        };
      },
    });
  }

  itSurvives({
    fault: "byte streams at a socket of the local server",
    must: "each connection ends, with an answer by HTTP or none; the server answers the next",
    limitMs: 120_000,
    async run(): Promise<Observed> {
      const server = await serve(nodeListener(fuzzTarget().app, 60_000));
      const { port } = new URL(server.url);
      const statuses: Record<string, number> = {};
      await fc.assert(
        fc.asyncProperty(rawStream, async (stream) => {
          const answer = await answerToStream(Number(port), stream);
          const status = answer.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length) || "no answer";
          statuses[status] = (statuses[status] ?? 0) + 1;
          const fault = streamAnswerFault(answer);
          if (fault !== undefined) throw new Error(fault);
        }),
        { numRuns: Math.ceil(runs * 0.05), seed },
      );
      const { status } = await fetch(new URL("/health", server.url));
      await server.close();

      expect(status).toBe(200);
      return {
        happened: Object.entries(statuses)
          .map(([name, count]) => `${count} × ${name}`)
          .join(", "),
        figures: { streams: Math.ceil(runs * 0.05), seed },
      };
    },
  });
});
