import { createHash, timingSafeEqual } from "node:crypto";
import { isHttpShaped } from "../direct/event.ts";
import { AppError } from "../errors.ts";

/**
 * Lets an HTTP event pass only with the key, as `Authorization: Bearer KEY` or, where AWS's
 * signature fills that header, as `x-api-key: KEY`. A direct invocation needs none: IAM has let it
 * in.
 *
 * @param keySha256 SHA-256 of the key in hex; `undefined`: no key is asked for
 * @throws AppError `unauthorized`
 */
export function requireApiKey(event: unknown, keySha256: string | undefined): void {
  if (keySha256 === undefined || !isHttpShaped(event)) return;
  const key = sentKey(event.headers);
  if (key !== undefined && isKey(key, keySha256)) return;
  throw new AppError("unauthorized", "send the API key as `Authorization: Bearer KEY`");
}

function sentKey(headers: unknown): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const named = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return [bearerOf(named.get("authorization")), named.get("x-api-key")].find(isText);
}

/** What stands behind `Bearer `. */
function bearerOf(authorization: unknown): string | undefined {
  const [scheme = "", key = ""] = isText(authorization) ? splitOnce(authorization) : [];
  return scheme.toLowerCase() === "bearer" && key !== "" ? key : undefined;
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf(" ");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at).trimStart()];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Compares digests in constant time, so that time tells nothing of the key. */
function isKey(key: string, keySha256: string): boolean {
  const digest = createHash("sha256").update(key).digest();
  return timingSafeEqual(digest, Buffer.from(keySha256, "hex"));
}
