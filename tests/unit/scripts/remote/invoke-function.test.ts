import { parseInvocationReport } from "../../../../scripts/remote/invoke-function.ts";

const metrics = {
  durationMs: 800.12,
  billedDurationMs: 801,
  memorySizeMB: 3008,
  maxMemoryUsedMB: 1290,
};
const line = (more: object = {}, type = "platform.report") =>
  JSON.stringify({ type, record: { requestId: "a", metrics: { ...metrics, ...more } } });
const warm = { durationMs: 800.12, billedMs: 801, memoryMiB: 3008, memoryUsedMiB: 1290 };
const restore = { restoreDurationMs: 398.97, billedRestoreDurationMs: 182 };

describe("parseInvocationReport", () => {
  it.each([
    ["a warm one", line(), warm],
    ["a cold one", line({ initDurationMs: 612.3 }), { ...warm, initMs: 612.3 }],
    ["a restore", line(restore), { ...warm, restoreMs: 398.97, billedRestoreMs: 182 }],
    ["a timeout, without an initialization", line({ initDurationMs: null }), warm],
    [
      "what `make local` writes",
      '{"type":"platform.report","record":{"requestId":"a","metrics":{"durationMs":5.5,"billedDurationMs":6}}}\n',
      { durationMs: 5.5, billedMs: 6 },
    ],
    [
      "the last of several, behind half a line and other lines",
      [
        'ore":1},"type":"platform.report"}',
        line({ durationMs: 1 }),
        '{"level":"info","message":"platform.report Duration: 5 ms"}',
        line({}, "platform.runtimeDone"),
        line(),
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
    line({ durationMs: undefined }),
    line({ billedDurationMs: undefined }),
    '{"type":"platform.report"}',
    line().slice(0, -10),
    line({ durationMs: "fast", billedDurationMs: "much" }),
  ])("finds none in %j", (logTail) => {
    expect(parseInvocationReport(logTail)).toBeUndefined();
  });
});
