import { createHash, createHmac } from "node:crypto";

/** Who signs. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What is signed, and for whom. */
export interface SignableRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly region: string;
  readonly service: string;
}

const algorithm = "AWS4-HMAC-SHA256";

/**
 * The headers that sign a request with Signature Version 4.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * (read 2026-11).
 */
export function signatureHeaders(
  request: SignableRequest,
  credentials: Credentials,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const date = time.slice(0, 8);
  const scope = `${date}/${request.region}/${request.service}/aws4_request`;
  const headers = {
    "x-amz-date": time,
    ...(credentials.sessionToken && { "x-amz-security-token": credentials.sessionToken }),
  };
  const signed = { host: request.url.host, ...headers };
  const text = [algorithm, time, scope, hash(canonicalRequest(request, signed))].join("\n");
  const key = [date, request.region, request.service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = hmac(key, text).toString("hex");
  const authorization = `${algorithm} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${Object.keys(signed).join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** Headers are in the order of their names already. */
function canonicalRequest({ method, url, body }: SignableRequest, headers: object): string {
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted();
  return [
    method,
    url.pathname,
    query.join("&"),
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    "",
    Object.keys(headers).join(";"),
    hash(body),
  ].join("\n");
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
