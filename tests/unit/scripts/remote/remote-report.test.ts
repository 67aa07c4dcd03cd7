import { remoteReport, usdPerThousandTokens } from "../../../../scripts/remote/remote-report.ts";
import { RemoteSession } from "../../../../scripts/remote/remote-session.ts";
import { remoteFunction } from "../../../helpers/remote-answers.ts";

const sizing = { architecture: "x86_64", memoryMiB: 2048 } as const;

async function measuredOf(titles: readonly string[]) {
  const session = new RemoteSession(remoteFunction());
  for (const title of titles) await session.ask(title, { prompt: "Hi", n_predict: 10 });
  return session.measured;
}

describe("remoteReport", () => {
  it("shows cold start, latency, speed and cost of each answer, and the sums", async () => {
    const report = remoteReport(await measuredOf(["first", "second"]), sizing);

    // 90 ms × 2 GB × 0.0000166667 USD + 0.0000002 USD, for 10 tokens.
    expect(report.split("\n")).toEqual([
      "request  cold  latency ms  billed ms  tokens  tokens/s  USD/1000 tokens",
      "first    cold         100         90      10     100.0          0.00032",
      "second                100         90      10     100.0          0.00032",
      "",
      "2 answers, 20 tokens · 2048 MB x86_64 · 0.00032 USD for 1,000 tokens",
    ]);
  });

  it("takes latency where AWS bills nothing", async () => {
    const local = (await measuredOf(["one"])).map((one) => ({
      ...one,
      exchange: { ...one.exchange, billedMs: undefined },
    }));

    // 100 ms × 2 GB × 0.0000166667 USD + 0.0000002 USD, for 10 tokens.
    expect(usdPerThousandTokens(local, sizing)).toBeCloseTo(100 * (0.2 * 0.0000166667 + 2e-7), 7);
    expect(remoteReport(local, sizing)).toContain("  ?  ");
  });

  it("knows no cost without tokens", () => {
    expect(usdPerThousandTokens([], sizing)).toBeUndefined();
  });
});
