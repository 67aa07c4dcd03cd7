import { startProgress } from "../../../../scripts/cli/progress.ts";

/** What is written on the way to 1,200 MB, in 48 steps. */
function written(isTTY: boolean): string[] {
  const pieces: string[] = [];
  const output = { isTTY, write: (text: string) => pieces.push(text) };
  const progress = startProgress(1200e6, output as unknown as NodeJS.WriteStream);
  for (let done = 0; done <= 1200e6; done += 25e6) progress.update(done);
  progress.end();
  return pieces;
}

describe("startProgress", () => {
  it("writes a line for each tenth where there is no terminal", () => {
    const lines = written(false);

    expect(lines).toHaveLength(11);
    expect([lines[0], lines[5], lines[10]]).toEqual([
      "  0 %  0 of 1200 MB\n",
      " 50 %  600 of 1200 MB\n",
      "100 %  1200 of 1200 MB\n",
    ]);
  });

  it("redraws one line on a terminal, and ends it", () => {
    const pieces = written(true);

    expect(pieces.slice(-2)).toEqual(["\r100 %  1200 of 1200 MB", "\n"]);
    expect(pieces.slice(0, -1).every((piece) => piece.startsWith("\r"))).toBe(true);
  });
});
