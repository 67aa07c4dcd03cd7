import { once } from "node:events";
import { connect } from "node:net";
import * as fc from "fast-check";
import { rawBody } from "./raw-bytes.ts";

const noise = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));
/** Mostly what it should be, so that something is left to go wrong behind it. */
const mostly = (usual: string, odd: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });

const word = fc.oneof(
  fc.constantFrom(..."GET POST HEAD TRACE CONNECT OPTIONS get POS\u0000T HTTP/1.1".split(" ")),
  fc.string({ unit: "binary-ascii", maxLength: 20 }),
);
const target = fc.oneof(
  fc.constantFrom(
    ..."/ // * /health /completion http://x/health http://[ /%00 /v1/chat/completions".split(" "),
    ..."/2015-03-31/functions/bitnet/invocations /2015-03-31/functions/%E0/invocations".split(" "),
    `/${"x".repeat(20_000)}`,
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const version = fc.constantFrom(
  ..."HTTP/1.1 HTTP/1.0 HTTP/0.9 HTTP/2.0 HTTP/1.11 ICY x".split(" "),
);
const header = fc.oneof(
  fc.constantFrom(
    ...["host: x", "host:", "host: x\r\nhost: y", "content-length: 5", "content-length: -1"],
    ...["content-length: 5\r\ncontent-length: 6", "content-length: 99999999999999999999"],
    ...["transfer-encoding: chunked", "transfer-encoding: gzip, chunked", "transfer-encoding: x"],
    ...["connection: close", "connection: upgrade\r\nupgrade: websocket", "expect: 100-continue"],
    ...["expect: x", " folded: x", "no colon", ": no name", "x\u0000: y", "x: \u0000", "x: \n y"],
    `x: ${"y".repeat(20_000)}`,
    Array.from({ length: 3000 }, (_, at) => `x${at}: y`).join("\r\n"),
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const chunked = fc.constantFrom(
  ...[
    "0\r\n\r\n",
    "5\r\nabcde\r\n0\r\n\r\n",
    "zz\r\n",
    "5\r\nabc",
    "-1\r\n\r\n",
    `${"f".repeat(40)}\r\n`,
  ],
  '10\r\n{"prompt": "Hi"}\r\n0\r\nx: y\r\n\r\n',
);

/** A body with its length in front, so that it is read as one, or whatever else may follow. */
const ending = fc.oneof(
  rawBody.map((bytes) => {
    const body = Buffer.from(bytes).toString("latin1");
    return { framing: [`content-length: ${body.length}`], body };
  }),
  chunked.map((body) => ({ framing: ["transfer-encoding: chunked"], body })),
  fc.oneof(noise, chunked).map((body) => ({ framing: [], body })),
);

const requestStream = fc
  .record({
    line: fc
      .tuple(mostly("POST", word), target, mostly("HTTP/1.1", version))
      .map((words) => words.join(" ")),
    host: mostly("host: x", header),
    headers: fc.oneof(fc.constant([]), fc.array(header, { maxLength: 2 })),
    ending,
    newline: mostly("\r\n", fc.constantFrom("\n", "\r")),
  })
  .map(({ line, host, headers, ending: { framing, body }, newline }) =>
    [line, host, ...headers, ...framing, "", body].join(newline),
  );

/** What somebody may write to a socket: requests, nearly requests, several at once, noise. */
export const rawStream: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 1, arbitrary: noise },
    { weight: 5, arbitrary: requestStream },
    { weight: 1, arbitrary: fc.array(requestStream, { maxLength: 3 }).map((all) => all.join("")) },
    {
      weight: 2,
      arbitrary: fc.tuple(requestStream, fc.nat(200)).map(([text, end]) => text.slice(0, end)),
    },
  )
  .map((text) => Buffer.from(text, "latin1"));

/** Writes a stream to a server of this machine, says that there is no more, and reads what comes. */
export async function answerToStream(port: number, stream: Uint8Array): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A server may close before it has read all: what it said is there all the same.
  socket.on("error", () => undefined);
  socket.end(stream);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

/** What is wrong with what came back, or nothing: no answer at all, or answers by HTTP, no 5xx. */
export function streamAnswerFault(answer: string): string | undefined {
  if (answer === "") return undefined;
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
  if (status === undefined) return `no HTTP: ${answer.slice(0, 100)}`;
  const failed = answer.match(/^HTTP\/1\.1 5\d\d .*$/m)?.[0];
  return failed === undefined ? undefined : `it failed: ${failed}`;
}
