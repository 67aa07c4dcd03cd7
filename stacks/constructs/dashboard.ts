import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js";
import type { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine/index.js";
import { Construct } from "constructs";
import {
  type MetricKey,
  metrics,
  metricsDimension,
  metricsNamespace,
} from "../../runtime/metrics.ts";
import { lambdaPrices, usdPerMillisecond } from "../lambda-prices.ts";
import { globalName } from "../resource-names.ts";
import type { StackConfig } from "../settings-schema.ts";
import type { InferenceFunction } from "./inference-function.ts";

/** Dependencies of {@link Dashboard}. */
interface DashboardOptions {
  readonly config: StackConfig;
  readonly inference: InferenceFunction;
  readonly batch: { readonly machine: SfnStateMachine } | undefined;
}

type Metric = readonly unknown[];
interface Widget {
  readonly title: string;
  readonly stat: string;
  readonly metrics: readonly Metric[];
}

/** A CloudWatch dashboard: invocations, cold starts, tokens per second, time to first token, cost. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, options: DashboardOptions) {
    super(scope, id);
    const { config } = options;
    new CloudwatchDashboard(this, "dashboard", {
      dashboardName: globalName(config, "dashboard"),
      dashboardBody: JSON.stringify({
        widgets: widgetsOf(options).map((widget, index) => placed(widget, index, config.region)),
      }),
    });
  }
}

function widgetsOf({ config, inference, batch }: DashboardOptions): readonly Widget[] {
  const lambda = (name: string, options: object = {}): Metric => [
    "AWS/Lambda",
    name,
    "FunctionName",
    inference.function.functionName,
    options,
  ];
  const logged = (key: MetricKey, options: object = {}): Metric => [
    metricsNamespace,
    metrics[key].name,
    metricsDimension,
    inference.function.functionName,
    options,
  ];
  return [
    {
      title: "Invocations, errors, throttles",
      stat: "Sum",
      metrics: [lambda("Invocations"), lambda("Errors"), lambda("Throttles")],
    },
    { title: "Cold starts", stat: "Sum", metrics: [logged("coldStarts")] },
    {
      title: "Tokens per second",
      stat: "p50",
      metrics: [
        [{ expression: "1/p50", label: "p50", id: "median" }],
        [{ expression: "1/p90", label: "p10", id: "slowest" }],
        logged("outputToken", { id: "p50", visible: false }),
        logged("outputToken", { id: "p90", stat: "p90", visible: false }),
      ],
    },
    {
      title: "Time to first token, s",
      stat: "p50",
      metrics: [logged("firstToken"), logged("firstToken", { stat: "p90" })],
    },
    {
      title: "Tokens read and generated",
      stat: "Sum",
      metrics: [logged("inputTokens"), logged("outputTokens")],
    },
    {
      title: "Request duration, s",
      stat: "p50",
      metrics: [logged("duration"), logged("duration", { stat: "p90" })],
    },
    {
      title: "Cost, USD",
      stat: "Sum",
      metrics: [
        [{ expression: costExpression(config), label: "Lambda, without the free tier", id: "usd" }],
        lambda("Duration", { id: "ms", visible: false }),
        lambda("Invocations", { id: "requests", visible: false }),
      ],
    },
    {
      title: "Cost of 1,000 tokens, USD",
      stat: "Sum",
      metrics: [
        [{ expression: `1000*(${costExpression(config)})/tokens`, label: "USD", id: "usd" }],
        lambda("Duration", { id: "ms", visible: false }),
        lambda("Invocations", { id: "requests", visible: false }),
        logged("outputTokens", { id: "tokens", visible: false }),
      ],
    },
    ...(batch === undefined ? [] : batchWidgets(batch.machine.arn)),
  ];
}

/** Runs of `make batch`: themselves, and the batches in them. */
function batchWidgets(machineArn: string): readonly Widget[] {
  const states = (name: string): Metric => ["AWS/States", name, "StateMachineArn", machineArn];
  const executions = ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed"];
  return [
    { title: "Batch runs", stat: "Sum", metrics: executions.map(states) },
    {
      title: "Batch run time, ms",
      stat: "Maximum",
      metrics: [states("ExecutionTime")],
    },
  ];
}

/** A CloudWatch metric expression. Its numbers cannot have exponents. */
function costExpression(config: StackConfig): string {
  const decimal = (value: number) => value.toFixed(12);
  return `ms*${decimal(usdPerMillisecond(config))}+requests*${decimal(lambdaPrices.usdPerRequest)}`;
}

/** Two widgets a row, each half of the 24 columns wide. */
function placed({ title, stat, metrics }: Widget, index: number, region: string): object {
  const [width, height] = [12, 6];
  return {
    type: "metric",
    x: (index % 2) * width,
    y: Math.floor(index / 2) * height,
    width,
    height,
    properties: { title, stat, metrics, region, period: 300, view: "timeSeries" },
  };
}
