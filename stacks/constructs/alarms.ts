import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js";
import type { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine/index.js";
import { Construct } from "constructs";
import { metrics, metricsDimension, metricsNamespace } from "../../runtime/metrics.ts";
import { resourceName } from "../resource-names.ts";
import type { StackConfig } from "../settings-schema.ts";
import type { InferenceFunction } from "./inference-function.ts";

/** Share of the timeout above which a duration raises the alarm. */
const nearTimeout = 0.9;

/** Dependencies of {@link Alarms}. */
interface AlarmsOptions {
  readonly config: StackConfig;
  readonly inference: InferenceFunction;
  readonly batch: { readonly machine: SfnStateMachine } | undefined;
}

type Alarm = Pick<CloudwatchMetricAlarmConfig, "metricName" | "statistic" | "threshold"> & {
  readonly alarmDescription: string;
  readonly namespace?: string;
  readonly dimensions?: Record<string, string>;
};

/** Alarms on errors, throttles, and durations near the timeout, over five minutes each. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { config, inference, batch }: AlarmsOptions) {
    super(scope, id);
    const common = {
      namespace: "AWS/Lambda",
      dimensions: { [metricsDimension]: inference.function.functionName },
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      ...(config.alarmTopicArn !== undefined && {
        alarmActions: [config.alarmTopicArn],
        okActions: [config.alarmTopicArn],
      }),
    };
    const alarms = {
      ...alarmsOf(config),
      ...(batch !== undefined && { "failed-batches": failedBatches(batch.machine.arn) }),
    };
    for (const [name, alarm] of Object.entries(alarms)) {
      new CloudwatchMetricAlarm(this, name, {
        ...common,
        ...alarm,
        alarmName: resourceName(config, name),
        comparisonOperator: "GreaterThanThreshold",
      });
    }
  }
}

function failedBatches(StateMachineArn: string): Alarm {
  return {
    namespace: "AWS/States",
    dimensions: { StateMachineArn },
    metricName: "ExecutionsFailed",
    statistic: "Sum",
    threshold: 0,
    alarmDescription: "A run of make batch failed: run it again to continue",
  };
}

function alarmsOf({ timeoutSeconds }: StackConfig): Record<string, Alarm> {
  return {
    errors: {
      metricName: "Errors",
      statistic: "Sum",
      threshold: 0,
      alarmDescription: "An invocation failed: crashed, timed out or ran out of memory",
    },
    throttles: {
      metricName: "Throttles",
      statistic: "Sum",
      threshold: 0,
      alarmDescription: "An invocation was refused: concurrency is at its limit",
    },
    "slow-answers": {
      namespace: metricsNamespace,
      metricName: metrics.duration.name,
      statistic: "Maximum",
      threshold: timeoutSeconds * nearTimeout,
      alarmDescription: "An answer took nearly as long as the timeout allows, in seconds",
    },
  };
}
