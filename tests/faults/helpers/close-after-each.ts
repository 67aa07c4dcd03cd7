/** Something that a test opens. */
interface Closable {
  close(): Promise<unknown>;
}

/**
 * Closes after each test what it opened, the last first. Call it at the top of a file; register
 * each thing with the returned function, which returns it.
 */
export function closeAfterEach(): <Opened extends Closable>(opened: Opened) => Opened {
  const open: Closable[] = [];
  afterEach(async () => {
    for (const closable of open.splice(0).reverse()) await closable.close();
  });
  return (opened) => {
    open.push(opened);
    return opened;
  };
}
