import * as fc from "fast-check";
import { nodeListener } from "../../runtime/http/node-adapter.ts";
import { fuzzTarget } from "../faults/fuzz/fuzz-target.ts";
import { answerToStream, rawStream, streamAnswerFault } from "../faults/fuzz/raw-streams.ts";
import {
  constrainedCases,
  fuzz,
  largeCases,
  rawCases,
  shapedCases,
} from "../faults/fuzz/run-fuzz.ts";
import { serve } from "../helpers/http-server.ts";

// A taste of `make test-faults`, which puts 100,000 requests of another seed each time.
const seed = 20_261_125;

describe("fuzzed requests", () => {
  it.each([
    ["in the shape of requests", shapedCases, 250],
    ["with grammars and JSON schemas", constrainedCases, 150],
    ["of raw bytes, headers, methods and paths", rawCases, 200],
    ["as large and as hard as may be", largeCases, 3],
  ])(
    "%s get an answer or an error as documented, and leave no trace in the log",
    async (_name, cases, runs) => {
      const figures = await fuzz(cases, { runs, seed });

      expect(figures.runs).toBe(runs);
      expect(Object.keys(figures.statuses)).toContain("400");
    },
  );

  it("that are no HTTP end their connection and nothing else", async () => {
    const server = await serve(nodeListener(fuzzTarget().app, 60_000));
    const port = Number(new URL(server.url).port);

    await fc.assert(
      fc.asyncProperty(rawStream, async (stream) => {
        expect(streamAnswerFault(await answerToStream(port, stream))).toBeUndefined();
      }),
      { numRuns: 50, seed },
    );
    const { status } = await fetch(`${server.url}/health`);
    await server.close();

    expect(status).toBe(200);
  });
});
