import { fuzz, fuzzCases, fuzzStreams } from "./fuzz/run-fuzz.ts";

// 100,000 requests; PROPERTY_SEED draws others than usual. tests/contract/fuzz.test.ts sends a few
// hundred in `make test`.

/** Processor time in which a request must be answered, in milliseconds. */
const computingMs = 2000;

const limitMs = 600_000;

describe("fuzzed requests", () => {
  it.each([
    ["in the shape of requests", fuzzCases.shaped, 50_000],
    ["with grammars and JSON schemas", fuzzCases.constrained, 25_000],
    ["of raw bytes, headers, methods and paths", fuzzCases.raw, 24_700],
    ["of the largest and most expensive bodies", fuzzCases.large, 300],
  ])(
    "%s are answered or refused as documented, in time, without a trace in the log",
    async (_name, cases, runs) => void (await fuzz(cases, runs, computingMs)),
    limitMs,
  );

  it("that are no HTTP end their connection only", () => fuzzStreams(5000), limitMs);
});
