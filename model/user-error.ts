/**
 * A failure that the user can fix: its message says what is wrong and what to do about it. The one
 * error of `model/` and `scripts/` that a command prints without a stack trace. The runtime has its
 * own closed list of errors (`runtime/errors.ts`).
 */
export class UserError extends Error {
  override readonly name = "UserError";
}
