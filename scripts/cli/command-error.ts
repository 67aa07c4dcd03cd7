import { UserError } from "../../model/user-error.ts";
import { AppError } from "../../runtime/errors.ts";

/** True for an error whose message is meant for the user, as opposed to a fault of ours. */
export function isReason(error: unknown): error is Error {
  return error instanceof UserError || error instanceof AppError;
}
