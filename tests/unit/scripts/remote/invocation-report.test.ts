import { parseInvocationReport } from "../../../../scripts/remote/invocation-report.ts";

const sizes = { memoryMiB: 3008, memoryUsedMiB: 1290 };
const inJson = (metrics: object, type = "platform.report") =>
  JSON.stringify({ time: "2026-11-25T08:00:00.000Z", type, record: { requestId: "a", metrics } });
const metrics = {
  durationMs: 800.12,
  billedDurationMs: 801,
  memorySizeMB: 3008,
  maxMemoryUsedMB: 1290,
};
const textLine =
  "REPORT RequestId: a\tDuration: 800.12 ms\tBilled Duration: 801 ms\tMemory Size: 3008 MB\tMax Memory Used: 1290 MB";

describe("parseInvocationReport", () => {
  it.each([
    ["a warm one in JSON", inJson(metrics), { durationMs: 800.12, billedMs: 801, ...sizes }],
    [
      "a cold one in JSON",
      inJson({ ...metrics, billedDurationMs: 1413, initDurationMs: 612.3 }),
      { durationMs: 800.12, billedMs: 1413, ...sizes, initMs: 612.3 },
    ],
    [
      "a restore in JSON",
      inJson({ ...metrics, restoreDurationMs: 398.97, billedRestoreDurationMs: 182 }),
      { durationMs: 800.12, billedMs: 801, ...sizes, restoreMs: 398.97, billedRestoreMs: 182 },
    ],
    [
      "a timeout in JSON, without an initialization of null",
      inJson({ ...metrics, initDurationMs: null }),
      { durationMs: 800.12, billedMs: 801, ...sizes },
    ],
    ["a warm one in text", `${textLine}\t`, { durationMs: 800.12, billedMs: 801, ...sizes }],
    [
      "a cold one in text",
      `${textLine}\tInit Duration: 612.30 ms\t`,
      { durationMs: 800.12, billedMs: 801, ...sizes, initMs: 612.3 },
    ],
    [
      "a restore in text",
      `${textLine}\tRestore Duration: 398.97 ms\tBilled Restore Duration: 182 ms\t`,
      { durationMs: 800.12, billedMs: 801, ...sizes, restoreMs: 398.97, billedRestoreMs: 182 },
    ],
    [
      "a failure in text",
      `${textLine}\tStatus: error\tError Type: Runtime.ExitError`,
      { durationMs: 800.12, billedMs: 801, ...sizes },
    ],
    [
      "what `make local` writes",
      '{"type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":5.5,"billedDurationMs":6}}}\n',
      { durationMs: 5.5, billedMs: 6 },
    ],
    [
      "the last of several, behind half a line and other lines",
      [
        'ore":1},"type":"platform.report"}',
        inJson({ ...metrics, durationMs: 1 }),
        '{"level":"info","message":"platform.report Duration: 5 ms"}',
        "INIT_REPORT Init Duration: 10009.58 ms\tPhase: init\tStatus: timeout",
        inJson({}, "platform.runtimeDone"),
        inJson(metrics),
        "",
      ].join("\n"),
      { durationMs: 800.12, billedMs: 801, ...sizes },
    ],
  ])("reads %s", (_, logTail, expected) => {
    expect(parseInvocationReport(logTail)).toEqual(expected);
  });

  it.each([
    ["an empty tail", ""],
    ["a start only", "START RequestId: a Version: 7"],
    ["an initialization's report", "INIT_REPORT Init Duration: 612.30 ms\tPhase: init"],
    ["a report without figures", inJson({})],
    ["a report without a record", '{"type":"platform.report"}'],
    ["a text report cut short", "REPORT RequestId: a\tDuration: 800.12 ms\t"],
    ["a report cut short", inJson(metrics).slice(0, -10)],
    ["figures that are none", inJson({ durationMs: "fast", billedDurationMs: "much" })],
  ])("finds none in %s", (_, logTail) => {
    expect(parseInvocationReport(logTail)).toBeUndefined();
  });
});
