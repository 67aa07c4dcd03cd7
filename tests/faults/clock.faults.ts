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

it.each(engineNames)(
  "%s, while the wall clock jumps by hours and years, reports true durations and keeps the deadline",
  async (engine) => {
    const faulty = await FaultyHost.start(engine);
    await faulty.askFaultless("before");

    for (const hours of jumps) {
      faulty.plan({ stage: "answer", fault: "pause" });
      const whole = await askWhileJumping(faulty, hours);
      faulty.expectWhole(whole, hours);
      expect(whole.engineMs).toBeGreaterThan(350);
      expect(whole.engineMs).toBeLessThan(whole.tookMs);

      faulty.plan({ stage: "prompt", fault: "hang" });
      const cut = await askWhileJumping(faulty, hours, 1000);
      expect(cut).toMatchObject({ status: 504, code: "deadline-exceeded" });
      expect(cut.tookMs).toBeGreaterThan(750);
      expect(cut.tookMs).toBeLessThan(800 + slackMs);
      await faulty.askFaultless(hours);
    }
  },
);
