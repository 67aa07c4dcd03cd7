import { globalName, resourceName } from "./resource-names.ts";
import type { StackConfig } from "./settings-schema.ts";

/** Pages of the AWS console, by what they show. */
export function consoleLinks(config: StackConfig): Record<string, string> {
  const { region } = config;
  const home = `https://${region}.console.aws.amazon.com`;
  const functionName = resourceName(config, "function");
  // The console wants the slashes of a log group's name encoded twice, with $ for %.
  const logGroup = encodeURIComponent(encodeURIComponent(`/aws/lambda/${functionName}`));
  return {
    function: `${home}/lambda/home?region=${region}#/functions/${functionName}`,
    logs: `${home}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${logGroup.replaceAll("%", "$")}`,
    dashboard: `${home}/cloudwatch/home?region=${region}#dashboards/dashboard/${globalName(config, "dashboard")}`,
  };
}
