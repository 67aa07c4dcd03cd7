import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "../errors.ts";

/**
 * Checks the key of an HTTP request: `Authorization: Bearer KEY` or, where AWS's signature fills that
 * header, `x-api-key: KEY`.
 *
 * @param headers an object of headers, from outside
 * @param keySha256 SHA-256 of the key in hex; `undefined`: no key is asked for
 * @throws AppError `unauthorized`
 */
export function requireApiKey(headers: unknown, keySha256: string | undefined): void {
  if (keySha256 === undefined) return;
  const key = sentKey(headers);
  if (key !== undefined && isKey(key, keySha256)) return;
  const message =
    key === undefined
      ? "no API key was sent; send it as `Authorization: Bearer KEY` or `x-api-key: KEY`"
      : "the API key that was sent is not the one of this function";
  throw new AppError("unauthorized", message);
}

function sentKey(headers: unknown): string | undefined {
  if (typeof headers !== "object" || headers === null) return undefined;
  const named = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return [bearerOf(named.get("authorization")), named.get("x-api-key")].find(isText);
}

/** The key in `Bearer KEY`. */
function bearerOf(authorization: unknown): string | undefined {
  return isText(authorization) ? /^bearer \s*(\S.*)$/i.exec(authorization)?.[1] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Compares digests in constant time, so that the time reveals nothing of the key. */
function isKey(key: string, keySha256: string): boolean {
  const digest = createHash("sha256").update(key).digest();
  return timingSafeEqual(digest, Buffer.from(keySha256, "hex"));
}
