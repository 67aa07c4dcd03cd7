import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { objectText } from "./json-texts.ts";
import { validRequest } from "./request-texts.ts";

const bytes = fc.uint8Array({ maxLength: 200 });

/** The bytes of a request that would be answered. */
const goodBytes = validRequest("direct").map((members) => Buffer.from(objectText(members)));

/** Bodies that are no requests, or hardly. */
export const rawBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  bytes,
  fc.tuple(goodBytes, fc.nat()).map(([good, at]) => good.subarray(0, at % good.length)),
  fc.tuple(goodBytes, fc.nat(), bytes).map(([good, at, noise]) => {
    const place = at % good.length;
    return Buffer.concat([good.subarray(0, place), noise.subarray(0, 3), good.subarray(place + 1)]);
  }),
  goodBytes.map((good) => gzipSync(good, { level: 1 })),
  goodBytes.map((good) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), good])),
  goodBytes.map((good) => Buffer.from(good.toString(), "utf16le")),
  goodBytes.map((good) => Buffer.concat([good, good])),
  fc
    .tuple(
      fc.constantFrom("[", '{"a":', '{"prompt":[', "[{},", '"\\u'),
      fc.integer({ min: 1, max: 2000 }),
    )
    .map(([piece, count]) => Buffer.from(piece.repeat(count))),
  fc
    .integer({ min: 1, max: 2000 })
    .map((depth) => Buffer.from("[".repeat(depth) + "]".repeat(depth))),
  fc
    .constantFrom("", " ", "null", "true", "0", '""', "[]", "{}", "NaN", "prompt=Hi", "<xml/>")
    .map((any) => Buffer.from(any)),
);

/** Names and values of headers, sendable ones: an adapter refuses or drops the others. */
export const rawHeaders = fc.dictionary(
  fc.constantFrom(
    ..."content-type content-encoding accept authorization x-api-key origin expect range".split(
      " ",
    ),
    ..."content-length access-control-request-method x-forwarded-for x-odd cookie".split(" "),
  ),
  fc.oneof(
    fc.constantFrom("", "*/*", "gzip", "application/json", "text/plain; charset=utf-16", "0", "-1"),
    fc.constantFrom(
      "Bearer",
      "Bearer  key",
      "Basic eA==",
      "9".repeat(30),
      "a".repeat(9000),
      "null",
    ),
    fc.string({ maxLength: 30 }).map((any) => any.trim()),
  ),
  { maxKeys: 5 },
);

/** Paths of requests, known and not. */
export const rawPath = fc.oneof(
  fc.constantFrom(
    ..."/ // /health /health/ /v1 /v1/models /v1/models/golden /v1/chat/completions".split(" "),
    ..."/completion /v1/completions /%00 /%E0%A4%A /../health /v1/models/.. /v1//models".split(" "),
    ..."/v1/models/%2e%2e%2fetc /health?x=%ff /health#x /:model /* /v1/models/__proto__".split(" "),
  ),
  fc.webPath(),
  fc.string({ unit: "binary", maxLength: 40 }).map((any) => `/${any}`),
);

/** Methods that a web request can have. */
export const rawMethod = fc.constantFrom(
  ..."GET HEAD POST PUT PATCH DELETE OPTIONS get post QUERY X".split(" "),
);
