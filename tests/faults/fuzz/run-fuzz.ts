import { once } from "node:events";
import { connect } from "node:net";
import * as fc from "fast-check";
import { nodeListener } from "../../../runtime/http/node-adapter.ts";
import { serve } from "../../helpers/http-server.ts";
import { allWays, FunctionUnderTest, type FuzzRequest, httpWays } from "./function-under-test.ts";
import { answerFault, logFault } from "./judge-answer.ts";
import { largeBody } from "./large-bodies.ts";
import { rawBody, rawHeaders, rawMethod, rawPath, rawStream } from "./raw.ts";
import { constrainedBody, contracts, type Expectation, requestBody } from "./requests.ts";
import { toJson } from "./values.ts";

/** One request on one way in. */
interface FuzzCase {
  readonly way: string;
  readonly request: FuzzRequest;
  readonly expected: Expectation;
  /** Sent to a function that requires a key. */
  readonly hasKey: boolean;
}

const post = (path: string, body: string, headers = {}): FuzzRequest => ({
  method: "POST",
  path,
  headers,
  body: Buffer.from(body),
});

/** Requests of every contract, on every way on which it comes in. */
function shaped(bodyOf: typeof requestBody): fc.Arbitrary<FuzzCase> {
  const cases = Object.values(contracts).map((contract) => {
    const ways = contract === contracts.direct ? allWays : httpWays;
    return fc.tuple(bodyOf(contract), fc.constantFrom(...ways)).map(
      ([{ fields, expected }, way]): FuzzCase => ({
        way,
        expected,
        hasKey: false,
        request: post(contract.path, toJson(fields), { "content-type": "application/json" }),
      }),
    );
  });
  return fc.oneof(...cases);
}

/** The kinds of fuzzed requests. */
export const fuzzCases = {
  shaped: shaped(requestBody),
  constrained: shaped(constrainedBody),
  /** Direct requests as large, and as expensive to check, as they may be. */
  large: fc.record({
    way: fc.constantFrom(...allWays),
    request: largeBody.map((body) => post(contracts.direct.path, body)),
    hasKey: fc.constant(false),
    expected: fc.constant("either"),
  }),
  /** Anything at all, anywhere. */
  raw: fc.record({
    way: fc.constantFrom(...allWays),
    request: fc.record({
      method: fc.oneof(fc.constant("POST"), rawMethod),
      path: rawPath,
      headers: rawHeaders,
      body: rawBody.map((bytes) => Buffer.from(bytes)),
    }),
    hasKey: fc.boolean(),
    expected: fc.constant("either"),
  }),
} as const satisfies Record<string, fc.Arbitrary<FuzzCase>>;

/**
 * Sends requests to the function and judges every answer and every line of the log. Fails with the
 * smallest request that shows a fault.
 *
 * @param limitMs processor time that one request may take
 * @returns the statuses of the answers
 */
export async function fuzz(
  cases: fc.Arbitrary<FuzzCase>,
  numRuns: number,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<ReadonlySet<number>> {
  const open = new FunctionUnderTest();
  const locked = new FunctionUnderTest({ hasKey: true });
  const statuses = new Set<number>();
  const property = fc.asyncProperty(cases, async (asked) => {
    const before = process.cpuUsage();
    statuses.add(await judged(asked.hasKey ? locked : open, asked));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(limitMs);
  });
  await fc.assert(property, { numRuns });
  return statuses;
}

async function judged(
  target: FunctionUnderTest,
  { way, request, expected }: FuzzCase,
): Promise<number> {
  target.takeLines();
  const answer = await target.answer(way, request);
  const fault = answerFault(answer, expected) ?? logFault(target.takeLines());
  if (fault === undefined) return answer.status;
  const { method, path, headers, body } = request;
  const text = body.length > 5000 ? `${body.length} bytes` : body.toString();
  throw new Error(`${fault}\n${way}: ${method} ${path} ${JSON.stringify(headers)}\n${text}`);
}

/**
 * Writes byte streams to a socket of the HTTP server. Fails unless each connection ends, with an
 * answer by HTTP below 500 or with none, and the server is healthy in the end.
 */
export async function fuzzStreams(numRuns: number): Promise<void> {
  const server = await serve(nodeListener(new FunctionUnderTest().app, 60_000));
  const { port } = new URL(server.url);
  const property = fc.asyncProperty(rawStream, async (stream) => {
    const answer = await answerToStream(Number(port), stream);
    expect(answer).toMatch(/^$|^HTTP\/1\.1 \d{3} /);
    expect(answer).not.toMatch(/^HTTP\/1\.1 5\d\d .*$/m);
  });
  await fc.assert(property, { numRuns });
  const { status } = await fetch(new URL("/health", server.url));
  await server.close();
  expect(status).toBe(200);
}

/** Writes a stream and its end to a port of this machine, and reads the answer. */
async function answerToStream(port: number, stream: Uint8Array): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A server may close before it has read all; what it sent still counts.
  socket.on("error", () => undefined);
  socket.end(stream);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}
