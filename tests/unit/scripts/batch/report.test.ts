import { runCost } from "../../../../scripts/batch/batch-cost.ts";
import { runFigures, summary } from "../../../../scripts/batch/summary.ts";
import { duration, Progress } from "../../../../scripts/cli/progress.ts";
import { stackConfig } from "../../../helpers/stack-config.ts";

/** What a terminal or a file is shown while lines are answered, one for each second. */
function shown(isTTY: boolean, seconds: number, doneBefore = 0): string[] {
  const written: string[] = [];
  const output = { isTTY, write: (text: string) => written.push(text) };
  let now = 0;
  const total = doneBefore + seconds;
  const progress = new Progress(total, "lines", output as never, () => now);
  for (let done = doneBefore; done <= total; done++, now += 1000) progress.update(done);
  progress.end();
  return written;
}

describe("the progress of a batch", () => {
  it("is a line every ten seconds where there is no terminal", () => {
    expect(shown(false, 25)).toEqual([
      "0 of 25 lines\n",
      "10 of 25 lines, 60 a minute, 15 s left\n",
      "20 of 25 lines, 60 a minute, 5 s left\n",
      "25 of 25 lines, 60 a minute, 0 s left\n",
    ]);
  });

  it("is one line on a terminal, drawn again", () => {
    const written = shown(true, 3);

    expect(written).toHaveLength(5);
    expect(written.slice(0, -1).every((text) => text.startsWith("\r"))).toBe(true);
    expect(written.at(-1)).toBe("\n");
  });

  it("does not count what an earlier run has answered into the rate", () => {
    expect(shown(false, 20, 1000)[1]).toBe("1010 of 1020 lines, 60 a minute, 10 s left\n");
  });

  it.each([
    [59.4, "59 s"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

const timings = { total_ms: 1000, prompt_per_second: 100, predicted_ms: 500 };
const chatBody = {
  usage: { prompt_tokens: 300, completion_tokens: 8 },
  bitnet: { timings },
};
const directBody = { tokens_evaluated: 200, tokens_predicted: 4, timings };

function result(body: object, status_code = 200) {
  const response = { status_code, request_id: "r", body };
  return { id: "batch_req_r", custom_id: "r", response, error: null };
}

describe("the summary of a batch", () => {
  const results = [result(chatBody), result(directBody), result({ error: {} }, 500)];
  const report = { results, resumed: 0, seconds: 4 };

  it("adds up tokens, and the time of reading each prompt whole", () => {
    expect(runFigures(results)).toEqual({
      promptTokens: 500,
      answerTokens: 12,
      workSeconds: 2,
      singleSeconds: 6,
    });
  });

  it("prices the engine's time, and what each batch uses besides", () => {
    const config = { ...stackConfig({ BATCH_CONCURRENCY: "1" }), memoryMiB: 2048 };

    // 2 s × 2 GB × 0.0000166667 USD, and for 3 batches a request, 5 transitions and a PUT each.
    expect(runCost(results, config).usd).toBeCloseTo(
      4 * 0.0000166667 + 3 * (2e-7 + 125e-6 + 5e-6),
      9,
    );
  });

  it("names files, counts, time, speed and costs", () => {
    expect(summary(report, "out").split("\n")).toEqual([
      "2 answers in out",
      "1 error in out.errors",
      "500 tokens read, 12 generated",
      "4 s, 128 tokens per second, read and generated",
      "0 USD on this machine; one by one at least 6 s",
    ]);
  });

  it("has no speed of a run that is only the end of one, and the price of a deployed one", () => {
    const text = summary({ ...report, resumed: 1 }, "out", { usd: 0.02, singleUsd: 0.14 });

    expect(text).toContain("2 answers in out, 1 of them in earlier runs");
    expect(text).not.toContain("per second");
    expect(text).toContain("0.0200 USD; one by one at least 0.14 USD");
  });
});
