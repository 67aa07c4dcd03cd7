import { valueAt } from "../../review/attribute-value.ts";
import type { ResourceGroup } from "./resource-graph.ts";

type Attributes = ResourceGroup["resources"][number];

/** How a type of resource is drawn. */
interface Look {
  readonly title: string;
  /** For several of them: `3 alarms`. */
  readonly plural: string;
  readonly colour: string;
  readonly details?: (attributes: Attributes) => readonly unknown[];
}

/** What the parts are for, by colour (ColorBrewer's Pastel1 with a darker line). */
export const colours = {
  compute: "#fed9a6",
  access: "#fbb4ae",
  storage: "#b3cde3",
  watching: "#ccebc5",
  other: "#f2f2f2",
} as const;

const looks: Readonly<Record<string, Look>> = {
  aws_lambda_function: {
    title: "Lambda function",
    plural: "Lambda functions",
    colour: colours.compute,
    details: ({ architectures, memory_size, timeout }) => [
      "container image, by digest",
      `${valueAt(architectures, [0])}, ${memory_size} MB, ${timeout} s at most`,
    ],
  },
  aws_lambda_alias: {
    title: "alias",
    plural: "aliases",
    colour: colours.compute,
    details: ({ name }) => [name],
  },
  aws_lambda_function_url: {
    title: "function URL",
    plural: "function URLs",
    colour: colours.access,
    details: ({ authorization_type }) => [authorization_type],
  },
  aws_lambda_permission: {
    title: "permission",
    plural: "permissions",
    colour: colours.access,
    details: ({ action }) => [action],
  },
  aws_iam_role: { title: "execution role", plural: "roles", colour: colours.access },
  aws_iam_role_policy: {
    title: "role policy",
    plural: "role policies",
    colour: colours.access,
    details: ({ name }) => [name],
  },
  aws_ecr_repository: {
    title: "image registry (ECR)",
    plural: "image registries",
    colour: colours.storage,
    details: () => ["tags never move, scanned, encrypted"],
  },
  aws_ecr_lifecycle_policy: {
    title: "lifecycle rule",
    plural: "lifecycle rules",
    colour: colours.storage,
  },
  aws_ecr_repository_policy: {
    title: "registry policy",
    plural: "registry policies",
    colour: colours.access,
    details: () => ["Lambda may pull"],
  },
  aws_cloudwatch_log_group: {
    title: "log group",
    plural: "log groups",
    colour: colours.storage,
    details: ({ retention_in_days }) => [`kept ${retention_in_days} days`],
  },
  aws_sqs_queue: {
    title: "dead-letter queue",
    plural: "queues",
    colour: colours.storage,
    details: () => ["failed asynchronous calls"],
  },
  aws_cloudwatch_metric_alarm: {
    title: "alarm",
    plural: "alarms",
    colour: colours.watching,
    details: ({ metric_name }) => [metric_name],
  },
  aws_cloudwatch_log_metric_filter: {
    title: "metric",
    plural: "metrics from the log",
    colour: colours.watching,
    details: ({ name }) => [name],
  },
  aws_cloudwatch_dashboard: {
    title: "dashboard",
    plural: "dashboards",
    colour: colours.watching,
  },
};

/** The lines and the colour of a box; a type that nobody has described is shown by its name. */
export function resourceLook({ type, resources }: ResourceGroup): {
  readonly lines: readonly string[];
  readonly colour: string;
} {
  const look = looks[type] ?? { title: type, plural: type, colour: colours.other };
  const details = resources.flatMap((attributes) => look.details?.(attributes) ?? []);
  const title = resources.length === 1 ? look.title : `${resources.length} ${look.plural}`;
  return { lines: [title, ...new Set(details.map(String))], colour: look.colour };
}
