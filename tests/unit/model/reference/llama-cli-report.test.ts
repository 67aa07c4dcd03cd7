import { performanceReport } from "../../../../model/reference/llama-cli-report.ts";
import { RunCounts } from "../../../../model/reference/token-loop.ts";
import { transcript } from "../../../helpers/recorded.ts";

describe("performanceReport", () => {
  it("has the format of llama-cli, column by column", () => {
    const counts = Object.assign(new RunCounts(1000), {
      loadMs: 6.29,
      promptTokens: 11,
      promptMs: 0.36,
      evaluations: 7,
      evaluationMs: 0.51,
      samples: 19,
      sampleMs: 0.005,
    });

    const report = performanceReport(counts, 1001.34);

    expect(shape(report)).toEqual(shape(recordedReport("limit reached")));
    expect(report).toContain(
      "prompt eval time =       0.36 ms /    11 tokens (    0.03 ms per token, 30555.56 tokens per second)\n",
    );
    expect(report).toContain("total time =       1.34 ms /    18 tokens\n");
  });

  it("prints counts of nothing as llama-cli does", () => {
    const report = performanceReport(new RunCounts(0), 0.17);

    const loadTime = /(?<= load time = ).*/;
    expect(report).toBe(recordedReport("n 0").replace(loadTime, "      0.00 ms"));
  });
});

function recordedReport(name: string): string {
  const { stderr } = transcript(name);
  return stderr.slice(stderr.indexOf("llama_perf_sampler_print"));
}

/** The text with every digit alike. */
function shape(report: string): string {
  return report
    .replaceAll(/ *[\d.]+(?= (ms|tokens|runs))/g, (digits) =>
      "#".repeat(Math.min(digits.length, 10)),
    )
    .trim();
}
