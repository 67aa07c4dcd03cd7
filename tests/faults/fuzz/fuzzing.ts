import { once } from "node:events";
import { connect } from "node:net";
import * as fc from "fast-check";
import { nodeListener } from "../../../runtime/http/node-adapter.ts";
import { serve } from "../../helpers/http-server.ts";
import { allWays, FunctionUnderTest, type FuzzRequest, httpWays } from "./function-under-test.ts";
import { judgeAnswer, judgeLog } from "./judge.ts";
import { largeBody } from "./large-bodies.ts";
import { rawBody, rawHeaders, rawMethod, rawPath, rawStream } from "./raw.ts";
import { constrainedBody, contracts, requestBody } from "./requests.ts";
import { toJson } from "./values.ts";

/** One request on one way in. */
interface FuzzCase {
  readonly way: keyof typeof allWays;
  readonly request: FuzzRequest;
  /** What its contract makes of it; `undefined` where the generator does not know. */
  readonly isValid?: boolean | undefined;
  /** Sent to a function that requires a key. */
  readonly hasKey?: boolean;
}

const wayOf = <Name extends string>(ways: Record<Name, unknown>) =>
  fc.constantFrom(...(Object.keys(ways) as Name[]));
const post = (path: string, body: string, headers = {}): FuzzRequest => ({
  method: "POST",
  path,
  headers,
  body: Buffer.from(body),
});

/** Requests of every contract, on every way on which it comes in. */
function shaped(bodyOf: typeof requestBody): fc.Arbitrary<FuzzCase> {
  const cases = Object.values(contracts).map((contract) =>
    fc
      .tuple(bodyOf(contract), wayOf(contract === contracts.direct ? allWays : httpWays))
      .map(([{ fields, isValid }, way]) => ({
        way,
        isValid,
        request: post(contract.path, toJson(fields), { "content-type": "application/json" }),
      })),
  );
  return fc.oneof(...cases);
}

const kinds: Readonly<Record<string, fc.Arbitrary<FuzzCase>>> = {
  "in the shape of requests": shaped(requestBody),
  "with grammars and JSON schemas": shaped(constrainedBody),
  "of raw bytes, headers, methods and paths": fc.record({
    way: wayOf(allWays),
    request: fc.record({
      method: fc.oneof(fc.constant("POST"), rawMethod),
      path: rawPath,
      headers: rawHeaders,
      body: rawBody.map((bytes) => Buffer.from(bytes)),
    }),
    hasKey: fc.boolean(),
  }),
  "of the largest and most expensive bodies": fc.record({
    way: wayOf(allWays),
    request: largeBody.map((body) => post(contracts.direct.path, body)),
  }),
};

/** Processor time in which a request must be answered, in milliseconds. */
const computingMs = 2000;

/**
 * Tests with fuzzed requests: sends some of each kind to the function, and judges every answer and
 * every line of the log. A failure shows the smallest request with a fault.
 */
export function describeFuzzing(runs: readonly number[], streams: number, limitMs?: number): void {
  const rows = Object.entries(kinds).map(
    ([kind, cases], at) => [kind, cases, runs[at] ?? 0] as const,
  );

  describe("fuzzed requests", () => {
    it.each(rows)(
      "%s are answered or refused as documented, in time, without a trace in the log",
      async (_kind, cases, numRuns) => {
        const [open, locked] = [new FunctionUnderTest(), new FunctionUnderTest({ hasKey: true })];
        const statuses = new Set<number>();

        const property = fc.asyncProperty(cases, async (asked) => {
          statuses.add(await judged(asked.hasKey ? locked : open, asked));
        });
        await fc.assert(property, { numRuns });

        expect(statuses).toContain(400);
      },
      limitMs,
    );

    it("that are hardly HTTP end their connection only", () => fuzzStreams(streams), limitMs);
  });
}

async function judged(target: FunctionUnderTest, { way, request, isValid }: FuzzCase) {
  const before = process.cpuUsage();
  target.takeLines();
  try {
    const answer = await allWays[way](target, request);
    judgeAnswer(answer, isValid);
    judgeLog(target.takeLines());
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(computingMs);
    return answer.status;
  } catch (cause) {
    throw new Error(`${way}: ${request.body.toString().slice(0, 5000)}`, { cause });
  }
}

/**
 * Writes requests to sockets of the HTTP server. Fails unless each connection ends, with an answer by
 * HTTP below 500 or with none, and the server is healthy in the end.
 */
async function fuzzStreams(numRuns: number): Promise<void> {
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
