import { measureInTurn } from "../../../../../scripts/lab/benchmark/in-turn.ts";

const rounds = { rounds: 4, warmups: 1, onRound: () => {} };

describe("measureInTurn", () => {
  it("runs every alternative once a round, and counts no warm-up", async () => {
    let runs = 0;
    const run = async () => ({ total_ms: ++runs });

    const trials = await measureInTurn(
      [
        { name: "a", run },
        { name: "b", run },
      ],
      rounds,
    );

    expect(runs).toBe(10);
    expect(trials).toHaveLength(8);
    expect(trials.filter(({ round }) => round === 3).map(({ alternative }) => alternative)).toEqual(
      expect.arrayContaining(["a", "b"]),
    );
    expect(Math.min(...trials.map(({ figures }) => figures.total_ms ?? 0))).toBe(3);
  });

  it("puts every alternative first and last, and after every other one", async () => {
    const order: string[] = [];
    const named = (name: string) => ({
      name,
      run: async () => {
        order.push(name);
        return {};
      },
    });

    await measureInTurn(["a", "b", "c"].map(named), { ...rounds, rounds: 6, warmups: 0 });

    const byRound = Array.from({ length: 6 }, (_, round) => order.slice(3 * round, 3 * round + 3));
    const pairs = new Set(byRound.flatMap(([a, b, c]) => [`${a}${b}`, `${b}${c}`]));
    expect(new Set(byRound.map(([first]) => first)).size).toBe(3);
    expect(new Set(byRound.map(([, , last]) => last)).size).toBe(3);
    expect(pairs.size).toBe(6);
  });

  it("repeats a run that was not as requested, and counts only the last", async () => {
    const results = [undefined, undefined, { total_ms: 7 }, { total_ms: 8 }];
    const run = async () => results.shift();

    const trials = await measureInTurn([{ name: "a", run }], { ...rounds, rounds: 2, warmups: 0 });

    expect(trials.map(({ figures }) => figures.total_ms)).toEqual([7, 8]);
  });

  it("gives up on an alternative that never runs as requested", async () => {
    const run = async () => undefined;

    await expect(measureInTurn([{ name: "stubborn", run }], rounds)).rejects.toThrow(
      "stubborn did not run as requested, 3 times in a row",
    );
  });
});
