/** Something that is to be closed. */
interface Closable {
  close(): Promise<unknown>;
}

/**
 * Closes behind each test what it has opened, the last first. To be called at the top of a file or
 * of a `describe`; gives the function that notes what was opened, and returns it.
 */
export function closedBehind(): <Opened extends Closable>(opened: Opened) => Opened {
  const open: Closable[] = [];
  afterEach(async () => {
    for (const closable of open.splice(0).reverse()) await closable.close();
  });
  return (opened) => {
    open.push(opened);
    return opened;
  };
}
