import {
  refusalOf,
  type SamplePlace,
  sampleOf,
} from "../../../../../scripts/lab/remote-benchmark/sample.ts";
import { parseInvocationReport } from "../../../../../scripts/remote/invocation-report.ts";
import { invocationAnswer } from "../../../../helpers/emulators/emulated-invocation.ts";

const place: SamplePlace = {
  memoryMiB: 2048,
  engine: "llama-cli",
  start: "warm",
  tokensAsked: 10,
  architecture: "arm64",
  version: "12",
  call: 3,
};

/** What a function of the emulator answers. */
function answered(isCold: boolean, payloadChange = (payload: string) => payload) {
  const { headers = {}, payload } = invocationAnswer(
    {
      number: 7,
      version: "12",
      memoryMiB: 2048,
      isSnapStart: false,
      variables: {},
      event: { n_predict: 10 },
      isCold,
    },
    "JSON",
    undefined,
  );
  const log = Buffer.from(headers["x-amz-log-result"] ?? "", "base64").toString();
  return {
    kind: "answered",
    answer: {
      payload: payloadChange(payload),
      functionError: undefined,
      report: parseInvocationReport(log),
    },
  } as const;
}

describe("sampleOf", () => {
  it("takes Lambda's figures from its report and the engine's from the answer", () => {
    // 500 ms and 10 tokens at 10.24 a second.
    expect(sampleOf(place, answered(false))).toEqual({
      ...place,
      report: {
        durationMs: 1476.5625,
        billedMs: 1477,
        memoryMiB: 2048,
        memoryUsedMiB: 1200,
        initMs: undefined,
        restoreMs: undefined,
        billedRestoreMs: undefined,
      },
      answer: expect.objectContaining({
        model: "made-up",
        tokens_predicted: 10,
        timings: { total_ms: 1475.5625, first_token_ms: 300, predicted_per_second: 10.24 },
      }),
      costUsd: expect.closeTo(1.477 * 2 * 0.0000133334 + 2e-7, 10),
      error: undefined,
      detail: "",
    });
  });

  it.each([
    ["cold", true, undefined],
    ["cold", false, "not-cold"],
    ["warm", false, undefined],
    ["warm", true, "not-warm"],
  ] as const)("asked for %s and cold %s is %s", (start, isCold, error) => {
    expect(sampleOf({ ...place, start }, answered(isCold)).error).toBe(error);
  });

  it.each([
    ["cold", false, true],
    ["cold", true, false],
    ["warm", true, false],
    ["warm", false, true],
  ] as const)(
    "asked for %s is dropped where the answer says cold %s and Lambda's report %s",
    (start, answerIsCold, reportIsCold) => {
      const { payload } = answered(answerIsCold).answer;

      const outcome = answered(reportIsCold, () => payload);

      expect(sampleOf({ ...place, start }, outcome).error).toBe(`not-${start}`);
    },
  );

  it.each([
    ["no JSON", "oops"],
    ["another shape", '{"status":"fine"}'],
    ["a body that is no JSON", '{"statusCode":200,"body":"oops"}'],
    ["a body of another shape", '{"statusCode":200,"body":"{\\"content\\":\\"Hi\\"}"}'],
  ])("takes %s for a bad answer, and keeps its cost", (_, payload) => {
    const sample = sampleOf(
      place,
      answered(false, () => payload),
    );

    expect(sample).toMatchObject({ error: "bad-answer", report: { billedMs: 1477 } });
    expect(sample.answer).toBeUndefined();
    expect(sample.costUsd).toBeGreaterThan(0);
  });

  it("accepts an answer without the engine's timings", () => {
    const withoutTimings = (payload: string) =>
      payload.replace('first_token_ms\\":300', 'first_token_ms\\":null');

    const { error, answer } = sampleOf(place, answered(false, withoutTimings));

    expect(error).toBeUndefined();
    expect(answer?.timings.first_token_ms).toBeNull();
  });
});

describe("refusalOf", () => {
  const named = (name: string, more: object = {}) =>
    Object.assign(new Error("AWS's words"), { name, ...more });

  it.each([
    [named("TooManyRequestsException"), "throttle"],
    [named("ServiceException"), "service"],
    [named("SomethingNew", { $metadata: { httpStatusCode: 502 } }), "service"],
    [named("TimeoutError"), "no-answer"],
    [named("Error", { code: "ECONNRESET" }), "no-answer"],
  ])("knows %s as %s", (error, kind) => {
    expect(refusalOf(error)).toEqual({ kind: "failed", error: kind, detail: "AWS's words" });
  });

  it.each([
    [named("AccessDeniedException", { $metadata: { httpStatusCode: 403 } })],
    [named("ResourceNotFoundException", { $metadata: { httpStatusCode: 404 } })],
    [named("TypeError")],
  ])("leaves %s to end the run", (error) => {
    expect(refusalOf(error)).toBeUndefined();
  });
});
