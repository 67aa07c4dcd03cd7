import { compare } from "../../../../../scripts/lab/benchmark/comparison.ts";
import { measureInTurn } from "../../../../../scripts/lab/benchmark/in-turn.ts";

const rounds = { rounds: 4, warmups: 1, onRound: () => {} };

describe("measureInTurn", () => {
  it("runs every alternative once a round, and counts no warm-up", async () => {
    let runs = 0;
    const run = async () => ({ total_ms: ++runs });

    const trials = await measureInTurn({ a: run, b: run }, rounds);

    expect(runs).toBe(10);
    expect(trials).toHaveLength(8);
    expect(trials.filter(({ round }) => round === 3).map(({ alternative }) => alternative)).toEqual(
      expect.arrayContaining(["a", "b"]),
    );
    expect(Math.min(...trials.map(({ figures }) => figures.total_ms ?? 0))).toBe(3);
  });

  it("puts every alternative first and last, and after every other one", async () => {
    const order: string[] = [];
    const run = (name: string) => async () => {
      order.push(name);
      return {};
    };
    const alternatives = { a: run("a"), b: run("b"), c: run("c") };

    await measureInTurn(alternatives, { ...rounds, rounds: 6, warmups: 0 });

    const byRound = Array.from({ length: 6 }, (_, round) => order.slice(3 * round, 3 * round + 3));
    const pairs = new Set(byRound.flatMap(([a, b, c]) => [`${a}${b}`, `${b}${c}`]));
    expect(new Set(byRound.map(([first]) => first)).size).toBe(3);
    expect(new Set(byRound.map(([, , last]) => last)).size).toBe(3);
    expect(pairs.size).toBe(6);
  });

  it("repeats a run that was not as requested, and counts only the last", async () => {
    const results = [undefined, undefined, { total_ms: 7 }, { total_ms: 8 }];
    const run = async () => results.shift();

    const trials = await measureInTurn({ a: run }, { ...rounds, rounds: 2, warmups: 0 });

    expect(trials.map(({ figures }) => figures.total_ms)).toEqual([7, 8]);
  });

  it("gives up on an alternative that never runs as requested", async () => {
    const run = async () => undefined;

    await expect(measureInTurn({ stubborn: run }, rounds)).rejects.toThrow(
      "stubborn did not run as requested, 3 times in a row",
    );
  });
});

describe("compare", () => {
  /** A machine that gets three times slower and slower; `b` always takes half as long again as `a`. */
  const trials = [1, 3, 9].flatMap((slowness, at) => [
    { alternative: "a", round: at + 1, figures: { total_ms: 10 * slowness } },
    { alternative: "b", round: at + 1, figures: { total_ms: 15 * slowness, peak_mib: 5 } },
  ]);
  const comparison = (...names: string[]) => ({ trials, names, columns: [] });

  it("takes ratios and differences to the first name, round by round", () => {
    const [a, b] = compare(comparison("a", "b"), "total_ms");
    const [, second] = compare(comparison("b", "a"), "total_ms");

    expect(a).toMatchObject({ alternative: "a", ratio: undefined, difference: undefined });
    expect(a?.spread.median).toBe(30);
    expect(b?.ratio).toEqual({ median: 1.5, low: 1.5, high: 1.5 });
    expect(b?.difference?.median).toBe(15);
    expect(second?.ratio?.median).toBeCloseTo(2 / 3);
  });

  it("leaves out alternatives without the figure", () => {
    const rows = compare(comparison("a", "b"), "peak_mib");

    expect(rows).toMatchObject([{ alternative: "b", spread: { median: 5 } }]);
  });
});
