/** Shows how far something is that takes long, counted in lines or megabytes. */
export class Progress {
  readonly #total: number;
  readonly #unit: string;
  readonly #output: NodeJS.WriteStream;
  readonly #now: () => number;
  #start: { readonly at: number; readonly done: number } | undefined;
  #shownAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a monotonic clock */
  constructor(
    total: number,
    unit: "lines" | "MB",
    output: NodeJS.WriteStream = process.stderr,
    now: () => number = () => performance.now(),
  ) {
    this.#total = total;
    this.#unit = unit;
    this.#output = output;
    this.#now = now;
  }

  /**
   * Shows it, on a terminal a few times a second, elsewhere every ten seconds and at the end. What the
   * first call counts was done before, and does not count into the rate.
   */
  update(done: number): void {
    const everyMs = this.#output.isTTY ? 200 : 10_000;
    const now = this.#now();
    this.#start ??= { at: now, done };
    if (now - this.#shownAt < everyMs && done < this.#total) return;
    this.#shownAt = now;
    const rate = (1000 * (done - this.#start.done)) / (now - this.#start.at);
    const text = this.#text(done, rate);
    this.#output.write(this.#output.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  /** Leaves the line. */
  end(): void {
    if (this.#output.isTTY && this.#start) this.#output.write("\n");
  }

  #text(done: number, rate: number): string {
    const share = `${done.toFixed(0)} of ${this.#total.toFixed(0)} ${this.#unit}`;
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
