import { fuzz, fuzzCases, fuzzStreams } from "../faults/fuzz/run-fuzz.ts";

// A sample of `make test-faults`, which sends 100,000.

describe("fuzzed requests", () => {
  it.each([
    ["in the shape of requests", fuzzCases.shaped, 250],
    ["with grammars and JSON schemas", fuzzCases.constrained, 150],
    ["of raw bytes, headers, methods and paths", fuzzCases.raw, 200],
    ["of the largest and most expensive bodies", fuzzCases.large, 3],
  ])(
    "%s are answered or refused as documented, without a trace in the log",
    async (_name, cases, runs) => {
      const statuses = await fuzz(cases, runs);

      expect(statuses).toContain(400);
    },
  );

  it("that are no HTTP end their connection only", async () => {
    await fuzzStreams(50);
  });
});
