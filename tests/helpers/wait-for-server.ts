import { setTimeout as sleep } from "node:timers/promises";

/** Waits until a server answers anything; fails after `limitMs`. */
export async function waitForServer(url: string, limitMs = 60_000): Promise<void> {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer) return;
    if (performance.now() > endsAt) throw new Error(`${url} does not answer`);
    await sleep(100);
  }
}
