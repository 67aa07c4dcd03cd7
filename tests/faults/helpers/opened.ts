/** Something that a test opens. */
interface Closable {
  close(): Promise<unknown>;
}

const open: Closable[] = [];
afterEach(async () => {
  for (const closable of open.splice(0).reverse()) await closable.close();
});

/** Closes something after the test, the last opened first. */
export function opened<Opened extends Closable>(closable: Opened): Opened {
  open.push(closable);
  return closable;
}

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

/** `it` for what needs `/proc` and Linux's limits. */
export const itOnLinux = itUnless(process.platform === "linux" ? undefined : "it needs Linux");
