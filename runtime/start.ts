/** What came before a request in its execution environment. */
export interface Start {
  /** The first request of this environment. */
  readonly isColdStart: boolean;
  /** The environment was restored from a SnapStart snapshot, and this is its first request. */
  readonly isRestored: boolean;
}

/** Lambda's `AWS_LAMBDA_INITIALIZATION_TYPE` where the function's version uses SnapStart. */
export const snapStart = "snap-start";

/**
 * Tells the start of one request after the other. What it remembers is part of a snapshot, taken
 * before any request: so every restored copy has a first request of its own. Node has no hook that
 * runs on restore (read 2026-11: docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html).
 */
export function createStarts(initializationType: string | undefined): () => Start {
  let isFirst = true;
  return () => {
    const isColdStart = isFirst;
    isFirst = false;
    return { isColdStart, isRestored: isColdStart && initializationType === snapStart };
  };
}
