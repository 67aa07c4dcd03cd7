import {
  type Clock,
  callPatiently,
  realClock,
  waitFor,
} from "../../../../../scripts/lab/remote-benchmark/waiting.ts";

/** A clock on which waiting takes no time, and that remembers the pauses. */
function fakeClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => pauses.reduce((sum, ms) => sum + ms, 0),
    async sleep(ms, signal) {
      signal.throwIfAborted();
      pauses.push(ms);
    },
  };
}

const never = new AbortController().signal;
const throttled = Object.assign(new Error("slow down"), { name: "TooManyRequestsException" });

describe("waitFor", () => {
  it("looks until it finds, with pauses that grow up to five seconds", async () => {
    const clock = fakeClock();
    let looks = 0;
    const look = async () => (++looks > 12 ? "found" : undefined);

    const found = await waitFor({ clock, signal: never }, { what: "it", limitMs: 1e6, look });

    expect(found).toBe("found");
    expect(clock.pauses.slice(0, 3)).toEqual([200, 300, 450]);
    expect(clock.pauses.at(-1)).toBe(5000);
  });

  it("gives up at the limit, after a last look", async () => {
    const clock = fakeClock();
    let looks = 0;
    const look = async () => void looks++;

    const waiting = waitFor({ clock, signal: never }, { what: "the end", limitMs: 1000, look });

    await expect(waiting).rejects.toThrow("waited 1 s for the end");
    expect(clock.now()).toBe(1000);
    expect(looks).toBe(clock.pauses.length + 1);
  });

  it("ends at once when interrupted", async () => {
    const waiting = waitFor(
      { clock: fakeClock(), signal: AbortSignal.abort() },
      { what: "it", limitMs: 1e6, look: async () => undefined },
    );

    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("callPatiently", () => {
  it("makes a call again that AWS refuses for a moment", async () => {
    const clock = fakeClock();
    let calls = 0;
    const call = async () => {
      if (++calls < 4) throw throttled;
      return "answer";
    };

    expect(await callPatiently({ clock, signal: never }, call)).toBe("answer");
    expect(clock.pauses).toEqual([200, 500, 1000]);
  });

  it("gives up after less than a minute", async () => {
    const clock = fakeClock();
    const call = () => Promise.reject(throttled);

    await expect(callPatiently({ clock, signal: never }, call)).rejects.toBe(throttled);
    expect(clock.now()).toBe(39_700);
  });

  it("does not repeat what will not change", async () => {
    const clock = fakeClock();
    const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });

    await expect(
      callPatiently({ clock, signal: never }, () => Promise.reject(denied)),
    ).rejects.toBe(denied);
    expect(clock.pauses).toEqual([]);
  });
});

describe("this machine's clock", () => {
  it("wakes from its sleep when the signal is aborted", async () => {
    const controller = new AbortController();
    const sleep = realClock.sleep(3_600_000, controller.signal);

    controller.abort();

    await expect(sleep).rejects.toMatchObject({ name: "AbortError" });
  });
});
