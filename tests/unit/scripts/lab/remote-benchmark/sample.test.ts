import { answeredSample, refusalKind } from "../../../../../scripts/lab/remote-benchmark/sample.ts";
import { parseInvocationReport } from "../../../../../scripts/remote/invocation-report.ts";
import { invocationAnswer } from "../../../../helpers/emulators/emulated-invocation.ts";

const place = {
  memoryMiB: 2048,
  engine: "llama-cli",
  start: "warm",
  tokensAsked: 10,
  architecture: "arm64",
  version: "12",
  call: 3,
} as const;

/** What a function of the emulator answers. */
function answered(isCold: boolean) {
  const call = { number: 7, version: "12", memoryMiB: 2048, isSnapStart: false, variables: {} };
  const { headers = {}, payload } = invocationAnswer(
    { ...call, event: { n_predict: 10 }, isCold },
    "JSON",
    undefined,
  );
  const log = Buffer.from(headers["x-amz-log-result"] ?? "", "base64").toString();
  return { payload, functionError: undefined, report: parseInvocationReport(log) };
}

describe("a sample", () => {
  it("takes Lambda's figures from its report and the engine's from the answer", () => {
    // 500 ms and 10 tokens at 10.24 a second.
    expect(answeredSample(place, answered(false))).toMatchObject({
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
      answer: {
        model: "made-up",
        tokens_predicted: 10,
        timings: { total_ms: 1475.5625, first_token_ms: 300, predicted_per_second: 10.24 },
      },
      costUsd: expect.closeTo(1.477 * 2 * 0.0000133334 + 2e-7, 10),
      error: undefined,
      detail: "",
    });
  });

  it.each([
    ["cold", true, true, undefined],
    ["cold", false, false, "not-cold"],
    ["cold", false, true, "not-cold"],
    ["cold", true, false, "not-cold"],
    ["warm", false, false, undefined],
    ["warm", true, true, "not-warm"],
    ["warm", true, false, "not-warm"],
    ["warm", false, true, "not-warm"],
  ] as const)(
    "asked for %s, with cold %s by the answer and %s by Lambda's report, is %s",
    (start, answerIsCold, reportIsCold, error) => {
      const answer = { ...answered(reportIsCold), payload: answered(answerIsCold).payload };

      expect(answeredSample({ ...place, start }, answer).error).toBe(error);
    },
  );

  it.each([
    "oops",
    '{"status":"fine"}',
    '{"statusCode":200,"body":"oops"}',
    '{"statusCode":200,"body":"{\\"content\\":\\"Hi\\"}"}',
  ])("takes %s for a bad answer, and keeps its cost", (payload) => {
    const sample = answeredSample(place, { ...answered(false), payload });

    expect(sample).toMatchObject({ error: "bad-answer", report: { billedMs: 1477 } });
    expect(sample.answer).toBeUndefined();
    expect(sample.costUsd).toBeGreaterThan(0);
  });

  it("counts without the engine's timings", () => {
    const answer = answered(false);
    const payload = answer.payload.replace('first_token_ms\\":300', 'first_token_ms\\":null');

    const sample = answeredSample(place, { ...answer, payload });

    expect(sample.error).toBeUndefined();
    expect(sample.answer?.timings.first_token_ms).toBeNull();
  });
});

describe("refusalKind", () => {
  it.each([
    [{ name: "TooManyRequestsException" }, "throttle"],
    [{ name: "EC2ThrottledException" }, "throttle"],
    [{ name: "ServiceException" }, "service"],
    [{ name: "SnapStartTimeoutException" }, "service"],
    [{ name: "SomethingNew", $metadata: { httpStatusCode: 502 } }, "service"],
    [{ name: "TimeoutError" }, "no-answer"],
    [{ name: "Error", code: "ECONNRESET" }, "no-answer"],
    [{ name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } }, undefined],
    [{ name: "ResourceNotFoundException", $metadata: { httpStatusCode: 404 } }, undefined],
    [{ name: "TypeError" }, undefined],
  ])("of %j is %s", (error, kind) => {
    expect(refusalKind(Object.assign(new Error("AWS's words"), error))).toBe(kind);
  });
});
