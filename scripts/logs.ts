import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../model/user-error.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { createAwsClients } from "./deploy/aws-clients.ts";
import { createDeploymentParts } from "./deploy/deployment-parts.ts";
import { followLog } from "./deploy/log-follower.ts";
import { readDeployedFunction } from "./remote/deployed-function.ts";

// `make logs`: follows the function's log until Ctrl-C. SINCE=2h begins earlier than ten minutes
// ago; FOLLOW=0 prints what there is and ends.

const pauseMs = 2000;
const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  const ageMs = readAge(process.env.SINCE || "10m");
  const { log_group } = await readDeployedFunction(
    config,
    createDeploymentParts(config, process.env),
  );
  const lines = followLog({
    client: createAwsClients(config).logs,
    logGroupName: log_group,
    startTime: Date.now() - ageMs,
    pause: async () => process.env.FOLLOW !== "0" && sleep(pauseMs, true),
  });
  for await (const { timestamp, message } of lines) {
    console.log(`${new Date(timestamp).toISOString()} ${message.trimEnd()}`);
  }
});

function readAge(text: string): number {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new UserError(`SINCE=${text}: a number and s, m, h or d (2h)`);
  return Number(count) * unitMs[unit as keyof typeof unitMs];
}
