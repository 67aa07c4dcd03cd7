/**
 * `it`, or a skipped test whose title says why this machine cannot run it.
 *
 * @param obstacle why not; `undefined` runs the test
 */
export function itUnless(
  obstacle: string | undefined,
): (title: string, run: () => Promise<void>, limitMs?: number) => void {
  if (obstacle === undefined) return it;
  return (title, run) => {
    it.skip(`${title} (not run: ${obstacle})`, run);
  };
}

/** The obstacle of what needs `/proc` and Linux's limits. */
export const unlessLinux = process.platform === "linux" ? undefined : "it needs Linux";
