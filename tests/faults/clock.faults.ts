import { engineNames, FaultyHost } from "./helpers/faulty.ts";

const hourMs = 60 * 60 * 1000;

/** Jumps of the wall clock, in hours. */
const jumps = [6, -12, 24 * 365, -24 * 365] as const;

/** What a busy machine may add. */
const slackMs = 700;

/** Asks, and moves the clock while the engine is at its planned fault. */
async function askWhileJumping(faulty: FaultyHost, hours: number, limitMs?: number) {
  const asked = faulty.ask(undefined, limitMs);
  await faulty.faultReached();
  await faulty.host.act("shiftClock", { ms: hours * hourMs });
  return asked;
}

describe.each(engineNames)("%s, while the wall clock jumps by hours and years", (engine) => {
  it("answers in full and reports the true durations", async () => {
    const faulty = await FaultyHost.start(engine);
    await faulty.askFaultless("before");

    for (const hours of jumps) {
      faulty.plan({ stage: "answer", fault: "pause" });
      const answer = await askWhileJumping(faulty, hours);
      faulty.expectWhole(answer, hours);
      expect(answer.engineMs).toBeGreaterThan(350);
      expect(answer.engineMs).toBeLessThan(answer.tookMs);
    }
  });

  it("is stopped at the deadline when it hangs, no sooner and no later", async () => {
    const faulty = await FaultyHost.start(engine);
    await faulty.askFaultless("before");

    for (const hours of jumps) {
      faulty.plan({ stage: "prompt", fault: "hang" });
      const answer = await askWhileJumping(faulty, hours, 1000);
      expect(answer).toMatchObject({ status: 504, code: "deadline-exceeded" });
      expect(answer.tookMs).toBeGreaterThan(750);
      expect(answer.tookMs).toBeLessThan(800 + slackMs);
      await faulty.askFaultless(hours);
    }
  });
});
