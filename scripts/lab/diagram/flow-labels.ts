/** What flows along a reference, by the types at its ends, and whether it flows against it. */
interface Flow {
  readonly label: string;
  readonly isBackwards?: boolean;
}

/** `from to`: what refers, and what it refers to. */
const flows: Readonly<Record<string, Flow>> = {
  "aws_lambda_alias aws_lambda_function": { label: "newest version" },
  "aws_lambda_function_url aws_lambda_alias": { label: "" },
  "aws_lambda_permission aws_lambda_alias": { label: "let callers in" },
  "aws_lambda_function aws_iam_role": { label: "acts as" },
  "aws_lambda_function aws_cloudwatch_log_group": { label: "writes, no prompts" },
  "aws_lambda_function aws_sqs_queue": { label: "" },
  "aws_iam_role_policy aws_iam_role": { label: "allows", isBackwards: true },
  "aws_iam_role_policy aws_cloudwatch_log_group": { label: "write" },
  "aws_iam_role_policy aws_sqs_queue": { label: "send" },
  "aws_cloudwatch_log_metric_filter aws_cloudwatch_log_group": { label: "", isBackwards: true },
  "aws_cloudwatch_metric_alarm aws_lambda_function": { label: "", isBackwards: true },
  "aws_cloudwatch_dashboard aws_lambda_function": { label: "", isBackwards: true },
};

/** References that another path in the picture tells already. */
const toldOtherwise: ReadonlySet<string> = new Set([
  // Through the alias.
  "aws_lambda_function_url aws_lambda_function",
  "aws_lambda_permission aws_lambda_function",
]);

/** What flows from one type to another; `undefined` where nothing is to be drawn. */
export function flowOf(from: string, to: string): Flow | undefined {
  const key = `${from} ${to}`;
  return toldOtherwise.has(key) ? undefined : (flows[key] ?? { label: "" });
}
