import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter/index.js";
import { Construct } from "constructs";
import { namePrefix } from "../resource-names.ts";
import type { StackConfig } from "../settings-schema.ts";

/** Metrics from the log event of each answer (`completedFields` in `runtime/service.ts`). */
const logMetrics = {
  TokensPerSecond: { field: "predicted_per_second", unit: "None" },
  TimeToFirstToken: { field: "first_token_ms", unit: "Milliseconds" },
  TokensPredicted: { field: "tokens_predicted", unit: "Count" },
} as const;

/** Name of a metric from the log. */
export type LogMetricName = keyof typeof logMetrics | "ColdStarts";

/** Dependencies of {@link LogMetrics}. */
interface LogMetricsOptions {
  readonly config: StackConfig;
  readonly logGroupName: string;
}

/** Metric filters for speed and cold starts, which Lambda itself does not measure. */
export class LogMetrics extends Construct {
  /** The CloudWatch namespace of the metrics. */
  readonly namespace: string;

  constructor(scope: Construct, id: string, { config, logGroupName }: LogMetricsOptions) {
    super(scope, id);
    this.namespace = namePrefix(config);
    for (const [name, { field, unit }] of Object.entries(logMetrics)) {
      this.addFilter(logGroupName, {
        name,
        unit,
        pattern: `{ $.event = "request_completed" && $.${field} = * }`,
        value: `$.${field}`,
      });
    }
    this.addFilter(logGroupName, {
      name: "ColdStarts",
      unit: "Count",
      pattern: `{ $.event = "request_completed" && $.cold_start IS TRUE }`,
      value: "1",
    });
  }

  private addFilter(
    logGroupName: string,
    metric: { name: string; unit: string; pattern: string; value: string },
  ): void {
    new CloudwatchLogMetricFilter(this, metric.name, {
      name: metric.name,
      logGroupName,
      pattern: metric.pattern,
      metricTransformation: {
        namespace: this.namespace,
        name: metric.name,
        value: metric.value,
        unit: metric.unit,
      },
    });
  }
}
