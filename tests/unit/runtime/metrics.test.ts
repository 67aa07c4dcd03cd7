import * as z from "zod";
import { unknownTimings } from "../../../runtime/engine/engine.ts";
import { metricFields, metrics, metricValues } from "../../../runtime/metrics.ts";
import { chatBody, scriptedApp } from "../../helpers/http-app.ts";

const text = z.string().min(1).max(1024);
const dimensions = z.array(z.string().min(1).max(250)).min(1).max(30);
const directive = z.strictObject({
  Namespace: text,
  Dimensions: z.array(dimensions).min(1),
  Metrics: z.array(z.strictObject({ Name: text, Unit: z.enum(["Seconds", "Count"]) })).max(100),
});

/**
 * A line as CloudWatch reads it: the specification's schema of `_aws`, and a number in the line for
 * each metric. Source: CloudWatch's "Embedded metric format" specification (read 2026-11).
 */
const embeddedMetrics = z
  .looseObject({
    _aws: z.strictObject({
      Timestamp: z.int().min(0),
      CloudWatchMetrics: z.array(directive).min(1),
    }),
  })
  .superRefine((line, context) => {
    for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      const missing = [
        ...Dimensions.flat().filter((dimension) => typeof line[dimension] !== "string"),
        ...Metrics.filter(({ Name }) => typeof line[Name] !== "number").map(({ Name }) => Name),
      ];
      for (const path of missing) context.addIssue(`${path} is not in the line`);
    }
  });

const timings = { ...unknownTimings, firstTokenMs: 250, totalMs: 1250 };
const headers = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };

describe("the log line of an answer", () => {
  it("is an embedded metric, with the names of the table and nothing of the texts", async () => {
    const { post, lines } = scriptedApp({ pieces: ["secret answer"] });

    await post("/v1/chat/completions", chatBody, headers);

    const [line] = lines;
    expect(embeddedMetrics.safeParse(line?.fields).error).toBeUndefined();
    expect(line).toMatchObject({
      event: "request_completed",
      fields: {
        request_id: "id-1",
        FunctionName: "golden-function",
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 1,
        "gen_ai.server.request.duration": 0,
        "faas.coldstarts": 1,
        "gen_ai.response.finish_reasons": ["stop"],
        ...headers,
      },
    });
    expect(JSON.stringify(line)).not.toContain("secret");
  });

  it.each(["00-secret", `00-${"g".repeat(32)}-${"b".repeat(16)}-01`])(
    "has no traceparent of another form: %s",
    async (traceparent) => {
      const { post, lines } = scriptedApp();

      await post("/v1/chat/completions", chatBody, { traceparent });

      expect(lines[0]?.fields.traceparent).toBeUndefined();
    },
  );

  it("of a failure names the trace too", async () => {
    const { post, lines } = scriptedApp();

    await post("/v1/chat/completions", {}, headers);

    expect(lines).toMatchObject([{ event: "request_failed", fields: headers }]);
  });
});

describe("metrics", () => {
  it("are seconds and counts; the time per token is that of the tokens after the first", () => {
    const usage = { promptTokens: 30, predictedTokens: 5 };

    expect(metricValues({ isColdStart: false }, { usage, timings })).toEqual({
      inputTokens: 30,
      outputTokens: 5,
      firstToken: 0.25,
      outputToken: 0.25,
      duration: 1.25,
      coldStarts: 0,
    });
  });

  it("that are not known are left out, of the directive as well", () => {
    const usage = { promptTokens: null, predictedTokens: 1 };
    const values = metricValues(
      { isColdStart: true },
      { usage, timings: { ...timings, firstTokenMs: null } },
    );

    const line = metricFields(values, "name", 5);

    expect(embeddedMetrics.safeParse(line).error).toBeUndefined();
    const { coldStarts, duration, outputTokens } = metrics;
    const known = [coldStarts, duration, outputTokens].map(({ name }) => name);
    expect(Object.keys(line).toSorted()).toEqual(["FunctionName", "_aws", ...known].toSorted());
  });

  it("are plain fields outside of Lambda, where nothing reads a directive", () => {
    const values = metricValues(
      { isColdStart: true },
      { usage: { promptTokens: 1, predictedTokens: 1 }, timings },
    );

    expect(metricFields(values, undefined, 5)).not.toHaveProperty("_aws");
  });
});
