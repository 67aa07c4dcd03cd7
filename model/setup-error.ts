/** Everything that can go wrong between a fresh clone and a built image. */
export type SetupErrorKind =
  | "pins-invalid" // container/pins.env does not say what it must
  | "usage" // a setting that the user gave makes no sense
  | "tool-missing" // a program is not there, or not the one that is needed
  | "command-failed" // a program ended with an error
  | "unreachable" // a server did not answer, or refused
  | "mismatch" // something is not what is pinned
  | "disk-full" // no room
  | "edit-failed" // an edit of the engine's source finds no place
  | "model-unsuitable" // a model file this project cannot serve
  | "digest-unknown" // a base image nobody has pinned yet
  | "gate-failed"; // an engine or image that must not go on

/**
 * A failure that the user can mend: its message says what is wrong and what to do about it. The
 * one error of `model/` and `scripts/` that is shown without a stack.
 */
export class SetupError extends Error {
  override readonly name = "SetupError";
  readonly kind: SetupErrorKind;

  constructor(kind: SetupErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
