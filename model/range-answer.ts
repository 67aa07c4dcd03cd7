/** What a server's answer to "give me the file from byte `have` on" means. */
export type RangeAnswer =
  | { readonly kind: "continue" } // its body follows on what is there
  | { readonly kind: "start-over" } // its body is the whole file, from the first byte
  | { readonly kind: "ask-again" } // what is there is of no use: drop it, ask for the whole file
  | { readonly kind: "try-later"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "other-file"; readonly reason: string };

/** What a download has and expects. */
export interface RangeState {
  /** Bytes that are there. */
  readonly haveBytes: number;
  /** ETag of the file they are of. */
  readonly haveEtag: string | undefined;
  /** Bytes of the whole file. */
  readonly wantBytes: number;
}

/** The head of a server's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** The headers that ask for what is missing: nothing else if the file has changed since. */
export function rangeHeaders({ haveBytes, haveEtag }: RangeState): Record<string, string> {
  if (haveBytes === 0) return {};
  // A weak ETag may not stand in If-Range (RFC 9110, 13.1.5); the answer's own is compared instead.
  const isStrong = haveEtag !== undefined && !haveEtag.startsWith("W/");
  return { range: `bytes=${haveBytes}-`, ...(isStrong && { "if-range": haveEtag }) };
}

/** Reads a server's answer to {@link rangeHeaders}. */
export function readRangeAnswer(answer: AnswerHead, state: RangeState): RangeAnswer {
  const { status } = answer;
  if (status === 200) return wholeFile(answer, state);
  if (status === 206) return partOfFile(answer, state);
  if (status === 416) return { kind: "ask-again" };
  const reason = statusReasons[status] ?? `the server answered with status ${status}`;
  const isPassing = status === 408 || status === 429 || status >= 500;
  return { kind: isPassing ? "try-later" : "refused", reason };
}

const statusReasons: Readonly<Record<number, string>> = {
  401: "the server wants a login (status 401): set HF_TOKEN if the repository is private",
  403: "the server refuses access (status 403): check HF_TOKEN, or the mirror in MODEL_BASE_URL",
  404: "the server has no such file (status 404): check MODEL_REPOSITORY, MODEL_REVISION and MODEL_FILE, or the mirror in MODEL_BASE_URL",
  429: "the server has too many requests (status 429)",
};

function wholeFile({ headers }: AnswerHead, { wantBytes }: RangeState): RangeAnswer {
  const length = headers.get("content-length");
  if (length !== null && Number(length) !== wantBytes) {
    return { kind: "other-file", reason: otherSize(length, wantBytes) };
  }
  return { kind: "start-over" };
}

function partOfFile({ headers }: AnswerHead, state: RangeState): RangeAnswer {
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  const [, start, total] = range ?? [];
  if (total !== undefined && total !== "*" && Number(total) !== state.wantBytes) {
    return { kind: "other-file", reason: otherSize(total, state.wantBytes) };
  }
  const etag = headers.get("etag");
  const isSameFile = state.haveEtag === undefined || etag === null || etag === state.haveEtag;
  const follows = start !== undefined && Number(start) === state.haveBytes;
  return { kind: isSameFile && follows ? "continue" : "ask-again" };
}

function otherSize(bytes: string, wantBytes: number): string {
  return `the server's file has ${bytes} bytes, the pinned one ${wantBytes}: it is another file`;
}
