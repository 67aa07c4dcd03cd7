import { parseInvocationReport } from "../../../../scripts/remote/invocation-report.ts";

const inJson = (more: object = {}, type = "platform.report") =>
  JSON.stringify({ type, record: { requestId: "a", metrics: { ...metrics, ...more } } });
const metrics = {
  durationMs: 800.12,
  billedDurationMs: 801,
  memorySizeMB: 3008,
  maxMemoryUsedMB: 1290,
};
const warm = { durationMs: 800.12, billedMs: 801, memoryMiB: 3008, memoryUsedMiB: 1290 };
const restored = { ...warm, restoreMs: 398.97, billedRestoreMs: 182 };
const inText = (more = "") =>
  `REPORT RequestId: a\tDuration: 800.12 ms\tBilled Duration: 801 ms\tMemory Size: 3008 MB\tMax Memory Used: 1290 MB\t${more}`;
const without = (name: keyof typeof metrics) => inJson({ [name]: undefined });

describe("parseInvocationReport", () => {
  it.each([
    ["a warm one in JSON", inJson(), warm],
    [
      "a cold one in JSON",
      inJson({ billedDurationMs: 1413, initDurationMs: 612.3 }),
      { ...warm, billedMs: 1413, initMs: 612.3 },
    ],
    [
      "a restore in JSON",
      inJson({ restoreDurationMs: 398.97, billedRestoreDurationMs: 182 }),
      restored,
    ],
    ["a timeout in JSON, without an initialization", inJson({ initDurationMs: null }), warm],
    ["a warm one in text", inText(), warm],
    ["a cold one in text", inText("Init Duration: 612.30 ms\t"), { ...warm, initMs: 612.3 }],
    [
      "a restore in text",
      inText("Restore Duration: 398.97 ms\tBilled Restore Duration: 182 ms\t"),
      restored,
    ],
    ["a failure in text", inText("Status: error\tError Type: Runtime.ExitError"), warm],
    [
      "what `make local` writes",
      '{"type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":5.5,"billedDurationMs":6}}}\n',
      { durationMs: 5.5, billedMs: 6 },
    ],
    [
      "the last of several, behind half a line and other lines",
      [
        'ore":1},"type":"platform.report"}',
        inJson({ durationMs: 1 }),
        '{"level":"info","message":"platform.report Duration: 5 ms"}',
        "INIT_REPORT Init Duration: 10009.58 ms\tPhase: init\tStatus: timeout",
        inJson({}, "platform.runtimeDone"),
        inJson(),
        "",
      ].join("\n"),
      warm,
    ],
  ])("reads %s", (_, logTail, expected) => {
    expect(parseInvocationReport(logTail)).toEqual(expected);
  });

  it.each([
    "",
    "START RequestId: a Version: 7",
    "INIT_REPORT Init Duration: 612.30 ms\tPhase: init",
    without("durationMs"),
    without("billedDurationMs"),
    '{"type":"platform.report"}',
    "REPORT RequestId: a\tDuration: 800.12 ms\t",
    inJson().slice(0, -10),
    inJson({ durationMs: "fast", billedDurationMs: "much" }),
  ])("finds none in %j", (logTail) => {
    expect(parseInvocationReport(logTail)).toBeUndefined();
  });
});
