/** Shows how far a run of items is. */
export class BatchProgress {
  readonly #total: number;
  readonly #output: NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #doneBefore: number;
  #shownAt = Number.NEGATIVE_INFINITY;

  /**
   * @param doneBefore items that an earlier run has answered
   * @param now milliseconds of a monotonic clock
   */
  constructor(
    total: number,
    doneBefore: number,
    output: NodeJS.WriteStream = process.stderr,
    now: () => number = () => performance.now(),
  ) {
    this.#total = total;
    this.#doneBefore = doneBefore;
    this.#output = output;
    this.#now = now;
    this.#startedAt = now();
  }

  /** Shows it, on a terminal a few times a second, elsewhere every ten seconds and at the end. */
  update(done: number): void {
    const everyMs = this.#output.isTTY ? 200 : 10_000;
    const now = this.#now();
    if (now - this.#shownAt < everyMs && done < this.#total) return;
    this.#shownAt = now;
    const text = this.#text(done, (now - this.#startedAt) / 1000);
    this.#output.write(this.#output.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  /** Leaves the line. */
  end(): void {
    if (this.#output.isTTY) this.#output.write("\n");
  }

  #text(done: number, seconds: number): string {
    const rate = (done - this.#doneBefore) / seconds;
    const share = `${done} of ${this.#total} lines`;
    if (!(rate > 0) || !Number.isFinite(rate)) return share;
    const perMinute = (60 * rate).toFixed(rate < 1 ? 1 : 0);
    return `${share}, ${perMinute} a minute, ${duration((this.#total - done) / rate)} left`;
  }
}

/** Seconds as `12 s`, `3 min 20 s` or `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
