import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { contracts, validFields } from "./requests.ts";
import { oneOf, toJson } from "./values.ts";

const bytes = fc.uint8Array({ maxLength: 200 });

/** The bytes of a valid request. */
const validBytes = validFields(contracts.direct).map((fields) => Buffer.from(toJson(fields)));

/** Bodies that are no requests, or hardly. */
export const rawBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  bytes,
  fc.tuple(validBytes, fc.nat()).map(([valid, at]) => valid.subarray(0, at % valid.length)),
  fc.tuple(validBytes, fc.nat(), bytes).map(([valid, at, noise]) => {
    const changed = Uint8Array.from(valid);
    changed.set(noise.subarray(0, 1), at % valid.length);
    return changed;
  }),
  validBytes.map((valid) => gzipSync(valid, { level: 1 })),
  validBytes.map((valid) => Buffer.from(`\ufeff${valid}`)),
  validBytes.map((valid) => Buffer.from(valid.toString(), "utf16le")),
  validBytes.map((valid) => Buffer.concat([valid, valid])),
  fc
    .tuple(oneOf('[ [] {"a": {"prompt":[ [{}, "\\u'), fc.integer({ min: 1, max: 2000 }))
    .map(([piece, count]) => Buffer.from(piece.repeat(count))),
  oneOf(' null true 0 "" [] {} NaN prompt=Hi <xml/> {"prompt":"Hi","prompt":7}').map((any) =>
    Buffer.from(any),
  ),
);

/** Headers that can be sent; an adapter refuses or drops others. */
export const rawHeaders = fc.dictionary(
  fc.oneof(
    oneOf("content-type content-encoding accept authorization x-api-key origin expect range"),
    oneOf("content-length access-control-request-method x-forwarded-for x-odd cookie"),
  ),
  fc.oneof(
    fc.constantFrom("", "text/plain; charset=utf-16", "Bearer  key", "Basic eA=="),
    oneOf("*/* gzip application/json 0 -1 Bearer null"),
    fc.constantFrom("9".repeat(30), "a".repeat(9000)),
    fc.string({ maxLength: 30 }).map((any) => any.trim()),
  ),
  { maxKeys: 5 },
);

/** Paths, known and not. */
export const rawPath = fc.oneof(
  fc.constantFrom(...Object.values(contracts).map(({ path }) => path)),
  oneOf("/ // /health /health/ /v1 /v1/models /v1/models/golden /%00 /%E0%A4%A /../health"),
  oneOf("/v1/models/.. /v1//models /v1/models/%2e%2e%2fetc /health?x=%ff /health#x /:model /*"),
  fc.constant("/v1/models/__proto__"),
  fc.webPath(),
  fc.string({ unit: "binary", maxLength: 40 }).map((any) => `/${any}`),
);

/** Methods that a web request can have. */
export const rawMethod = oneOf("GET HEAD POST PUT PATCH DELETE OPTIONS get post QUERY X");

/**
 * A request as bytes on a socket: what Node.js's parser may let through to our listener. Lines that
 * it refuses by itself are its own tests' business.
 */
export const rawStream = fc
  .record({
    method: fc.oneof(rawMethod, oneOf("TRACE CONNECT")),
    path: fc.oneof(rawPath, oneOf("// * http://x/health http://[")),
    headers: rawHeaders,
    body: fc.oneof(bytes, rawBody),
  })
  .map(({ method, path, headers, body }) => {
    const lines = Object.entries({ host: "x", "content-length": body.length, ...headers });
    const head = [`${method} ${path} HTTP/1.1`, ...lines.map((line) => line.join(": ")), "", ""];
    return Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), body]);
  });
