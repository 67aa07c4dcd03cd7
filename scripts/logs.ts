import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { configuredDeployment } from "./deploy/deployment-dependencies.ts";
import { followLog } from "./deploy/log-follower.ts";
import { readDeployedFunction } from "./remote/deployed-function.ts";

// `make logs`: follows the function's log until Ctrl-C. SINCE=2h starts earlier than ten minutes
// ago; FOLLOW=0 prints what there is and ends.

const pauseMs = 2000;
const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const commandSettings = z.object({
  SINCE: z
    .string()
    .regex(/^\d+[smhd]$/, "a number and s, m, h or d (2h)")
    .default("10m"),
  FOLLOW: z.string().optional(),
});

await runCommandLine(async () => {
  const { SINCE, FOLLOW } = readVariables(commandSettings, process.env);
  const dependencies = configuredDeployment(process.env);
  const { log_group } = await readDeployedFunction(dependencies);
  const lines = followLog({
    client: dependencies.clients.logs,
    logGroupName: log_group,
    startTime: Date.now() - ageMs(SINCE),
    pause: async () => FOLLOW !== "0" && sleep(pauseMs, true),
  });
  for await (const { timestamp, message } of lines) {
    console.log(`${new Date(timestamp).toISOString()} ${message.trimEnd()}`);
  }
});

/** Milliseconds of `2h`. */
function ageMs(text: string): number {
  const unit = text.slice(-1) as keyof typeof unitMs;
  return Number(text.slice(0, -1)) * unitMs[unit];
}
