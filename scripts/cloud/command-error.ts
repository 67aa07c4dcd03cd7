/**
 * Why a command stopped, in words for whoever typed it: the message says what is wrong and what to
 * do. Thrown by `scripts/` only; the runtime has its own closed list of errors.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
