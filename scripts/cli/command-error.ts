import { SetupError } from "../../model/setup-error.ts";
import { AppError } from "../../runtime/errors.ts";

/**
 * Why a command stopped, in words for whoever typed it: the message says what is wrong and what to
 * do. Thrown by `scripts/` only; the runtime has its own closed list of errors.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Whether an error is a reason in words for the user, and not a fault of ours. */
export function isReason(error: unknown): error is Error {
  return [CommandError, SetupError, AppError].some((kind) => error instanceof kind);
}
