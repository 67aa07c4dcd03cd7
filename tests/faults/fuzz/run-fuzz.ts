import * as fc from "fast-check";
import { type FuzzTarget, fuzzTarget } from "./fuzz-target.ts";
import { answerFault, logFault } from "./judge-answer.ts";
import { largeBody } from "./large-bodies.ts";
import { rawBody, rawHeaders, rawMethod, rawPath } from "./raw-bytes.ts";
import { type Contract, constrainedText, type Expectation, requestText } from "./request-texts.ts";
import { directWays, type FuzzRequest, httpWays, routeOf, type WayIn } from "./ways-in.ts";

/** One request on one way in. */
export interface FuzzCase {
  readonly way: string;
  readonly wayIn: WayIn;
  readonly request: FuzzRequest;
  readonly expected: Expectation;
  /** The target that asks for a key. */
  readonly hasKey: boolean;
}

/** How much, and from where: the same seed gives the same requests. */
export interface FuzzPlan {
  readonly runs: number;
  readonly seed: number;
  /** Milliseconds of computing that one request may take; no limit without it. */
  readonly limitMs?: number;
}

/** What a run of the fuzzer saw. */
export interface FuzzFigures {
  readonly runs: number;
  /** Status → how often. */
  readonly statuses: Readonly<Record<number, number>>;
  /** The one that took longest, in milliseconds of computing, and its way in. */
  readonly slowestMs: number;
  readonly slowestWay: string;
}

/**
 * Puts requests to the function and judges every answer and every line of the log. Fails with the
 * smallest request that shows a fault, and how to see it again.
 */
export async function fuzz(
  cases: fc.Arbitrary<FuzzCase>,
  { runs, seed, limitMs = Number.POSITIVE_INFINITY }: FuzzPlan,
): Promise<FuzzFigures> {
  const targets = { open: fuzzTarget(), locked: fuzzTarget({ hasKey: true }) };
  const statuses: Record<number, number> = {};
  let slowest = { ms: 0, way: "" };
  const ask = async (asked: FuzzCase) => {
    const target = asked.hasKey ? targets.locked : targets.open;
    const before = process.cpuUsage();
    const { status, fault } = await judged(target, asked);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (ms > slowest.ms) slowest = { ms, way: asked.way };
    if (fault !== undefined) throw new Error(fault);
    if (ms > limitMs) throw new Error(`took ${ms.toFixed(0)} ms of computing`);
  };
  await fc.assert(fc.asyncProperty(cases, ask), { numRuns: runs, seed });
  return { runs, statuses, slowestMs: slowest.ms, slowestWay: slowest.way };
}

async function judged(target: FuzzTarget, { wayIn, request, expected }: FuzzCase) {
  target.takeLines();
  const answer = await wayIn(target, request);
  return {
    status: answer.status,
    fault: answerFault(answer, expected) ?? logFault(target.takeLines()),
  };
}

const contracts = ["direct", "chat", "completion"] as const satisfies readonly Contract[];
const ways = Object.entries({ ...httpWays, ...directWays });
const anyHttpWay = fc.constantFrom(...Object.entries(httpWays));
const anyWay = fc.constantFrom(...ways);

/** A case that tells itself in words where it fails: the body too, where it is short. */
function told(asked: FuzzCase): FuzzCase {
  const { method, path, headers, body } = asked.request;
  const text = body.length > 5000 ? `${body.length} bytes` : Buffer.from(body).toString();
  const words = [asked.way, method, path, JSON.stringify(headers), JSON.stringify(text)];
  return Object.assign(asked, { [fc.toStringMethod]: () => words.join(" ") });
}

/** Requests of every contract, on every way on which it comes in. */
function shaped(textOf: typeof requestText): fc.Arbitrary<FuzzCase> {
  const ofContract = (contract: Contract) =>
    fc
      .tuple(textOf(contract), contract === "direct" ? anyWay : anyHttpWay)
      .map(([{ json, expected }, [way, wayIn]]) =>
        told({
          way,
          wayIn,
          expected,
          hasKey: false,
          request: {
            method: "POST",
            path: routeOf[contract],
            headers: { "content-type": "application/json" },
            body: Buffer.from(json),
          },
        }),
      );
  return fc.oneof(...contracts.map(ofContract));
}

/** Requests in the shape of a request. */
export const shapedCases = shaped(requestText);

/** Requests with a grammar or a schema. */
export const constrainedCases = shaped(constrainedText);

/** Direct requests as large, and as hard to look through, as they may be. */
export const largeCases: fc.Arbitrary<FuzzCase> = fc
  .tuple(largeBody, anyWay)
  .map(([{ name, body }, [way, wayIn]]) =>
    told({
      way: `${way}: ${name}`,
      wayIn,
      request: { method: "POST", path: routeOf.direct, headers: {}, body },
      hasKey: false,
      expected: "either",
    }),
  );

/** Anything at all, anywhere. */
export const rawCases: fc.Arbitrary<FuzzCase> = fc
  .record({
    way: anyWay,
    method: fc.oneof(fc.constant("POST"), rawMethod),
    path: fc.oneof(fc.constantFrom(...Object.values(routeOf)), rawPath),
    headers: rawHeaders,
    body: rawBody,
    hasKey: fc.boolean(),
  })
  .map(({ way: [way, wayIn], hasKey, ...request }) =>
    told({ way, wayIn, request, hasKey, expected: "either" }),
  );
