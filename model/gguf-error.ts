/** What can be wrong with a file: the reader never fails in another way. */
export type GgufErrorKind =
  | "unreadable" // the file cannot be opened or read
  | "bad-magic" // not a GGUF file
  | "bad-version" // GGUF, but not version 3
  | "truncated" // ends inside the header, the metadata or the tensor table
  | "malformed" // a value that the format forbids
  | "data-missing"; // a tensor's bytes lie outside the file

/** Every failure of this module. `detail` is the offending magic or tensor name, if any. */
export class GgufError extends Error {
  override readonly name = "GgufError";
  readonly kind: GgufErrorKind;
  readonly detail: string;
  constructor(kind: GgufErrorKind, message: string, detail = "", options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.detail = detail;
  }
}

/** The file ends before its header does. */
export function truncated(offset: number): GgufError {
  return new GgufError("truncated", `the file ends inside its header, at byte ${offset}`);
}
