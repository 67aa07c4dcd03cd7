import { createHash } from "node:crypto";

/** Characters of an id behind its prefix, as OpenAI has them. */
const idLength = 24;

/**
 * An id of a part of an answer: always the same for a request and a place in its answer.
 *
 * @param prefix what it names: `call`, `msg`
 * @param scope the request's id, and whatever else tells one of its answers from another
 */
export function derivedId(prefix: string, scope: string, index: number): string {
  const digest = createHash("sha256").update(`${prefix}/${scope}/${index}`).digest("hex");
  return `${prefix}_${digest.slice(0, idLength)}`;
}
