import { startFaultyHost } from "./helpers/faulty.ts";
import { engineNames } from "./helpers/planned-engine.ts";

const hourMs = 60 * 60 * 1000;

/** Jumps of the wall clock, in hours. */
const jumps = [6, -12, 24 * 365, -24 * 365] as const;

/** What a busy machine may add. */
const slackMs = 700;

describe.each(engineNames)("%s, while the wall clock jumps by hours and years", (engine) => {
  it("answers in full and reports the true durations", async () => {
    const host = await startFaultyHost(engine);
    await host.askFaultless("before");

    for (const hours of jumps) {
      host.engine.plan({ stage: "answer", fault: "pause" });
      const asked = host.ask();
      await host.engine.faultReached();
      await host.act("shiftClock", { ms: hours * hourMs });
      const answer = await asked;
      host.engine.expectWhole(answer, hours);
      expect(answer.engineMs).toBeGreaterThan(350);
      expect(answer.engineMs).toBeLessThan(answer.tookMs);
    }
  });

  it("is stopped at the deadline when it hangs, no sooner and no later", async () => {
    const host = await startFaultyHost(engine);
    await host.askFaultless("before");

    for (const hours of jumps) {
      host.engine.plan({ stage: "prompt", fault: "hang" });
      const asked = host.ask(undefined, 1000);
      await host.engine.faultReached();
      await host.act("shiftClock", { ms: hours * hourMs });
      const answer = await asked;
      expect(answer).toMatchObject({ status: 504, code: "deadline-exceeded" });
      expect(answer.tookMs).toBeGreaterThan(750);
      expect(answer.tookMs).toBeLessThan(800 + slackMs);
      await host.askFaultless(hours);
    }
  });
});
