/** A signal that Ctrl-C or a stop of the process aborts; a second Ctrl-C ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      console.error(`\n${name}: stopping after what is under way …`);
      controller.abort();
    });
  }
  return controller.signal;
}
