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

const latin1 = (body: fc.Arbitrary<Uint8Array>) =>
  body.map((any) => Buffer.from(any).toString("latin1"));
/** Mostly what it should be, so that what follows is reached. */
const mostly = (usual: string, odd: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });

const oddHeader = fc.constantFrom(
  ...["host:", "host: x\r\nhost: y", "content-length: 5", "content-length: -1", " folded: x"],
  ...["content-length: 5\r\ncontent-length: 6", "content-length: 99999999999999999999"],
  ...["transfer-encoding: chunked", "transfer-encoding: gzip, chunked", "transfer-encoding: x"],
  ...["connection: close", "connection: upgrade\r\nupgrade: websocket", "expect: 100-continue"],
  ...["expect: x", "no colon", ": no name", "x\0: y", "x: \0", "x: \n y", "x: é"],
  ...[`x: ${"y".repeat(20_000)}`, "x: y\r\n".repeat(3000).trim()],
);
const chunks = fc.constantFrom(
  ...["0\r\n\r\n", "5\r\nabcde\r\n0\r\n\r\n", "zz\r\n", "5\r\nabc", "-1\r\n\r\n"],
  ...[`${"f".repeat(40)}\r\n`, '10\r\n{"prompt": "Hi"}\r\n0\r\nx: y\r\n\r\n'],
);

const requestStream = fc
  .record({
    method: mostly("POST", fc.oneof(rawMethod, oneOf("TRACE CONNECT POS\0T"), latin1(bytes))),
    path: fc.oneof(
      rawPath,
      oneOf("// * http://x/health http://["),
      fc.constant(`/${"x".repeat(20_000)}`),
    ),
    version: mostly("HTTP/1.1", oneOf("HTTP/1.0 HTTP/0.9 HTTP/2.0 HTTP/1.11 ICY x")),
    headers: fc.oneof(fc.constant(["host: x"]), fc.array(oddHeader, { maxLength: 2 })),
    /** With its length, in chunks, or without either. */
    body: fc.oneof(
      latin1(rawBody).map((body) => [`content-length: ${body.length}`, "", body]),
      chunks.map((body) => ["transfer-encoding: chunked", "", body]),
      fc.oneof(latin1(bytes), chunks).map((body) => ["", body]),
    ),
    newline: mostly("\r\n", fc.constantFrom("\n", "\r")),
  })
  .map(({ method, path, version, headers, body, newline }) =>
    [`${method} ${path} ${version}`, ...headers, ...body].join(newline),
  );

/** Bytes for a socket: noise, requests, several at once, cut ones. */
export const rawStream = fc
  .oneof(
    latin1(bytes),
    fc.array(requestStream, { maxLength: 3 }).map((all) => all.join("")),
    fc.tuple(requestStream, fc.nat(200)).map(([text, end]) => text.slice(0, end)),
  )
  .map((text) => Buffer.from(text, "latin1"));
