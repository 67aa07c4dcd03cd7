import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runInterruptible } from "./cli/command-line.ts";
import { printSteps, runSteps } from "./cli/steps.ts";
import { configuredDeployment } from "./deploy/deployment-dependencies.ts";
import { planningSteps } from "./deploy/planning.ts";

// `make plan`: what `make deploy` would change, shown and saved for `SAVED_PLAN=1 make deploy`.
// DRY_RUN=1 prints the steps.

const commandSettings = z.object({ DRY_RUN: z.string().optional() });

await runInterruptible(async (signal) => {
  const { DRY_RUN } = readVariables(commandSettings, process.env);
  const dependencies = configuredDeployment(process.env);
  const steps = planningSteps(dependencies, (text) => console.log(text));
  if (DRY_RUN) return printSteps(steps, console.log);
  await runSteps(steps, { command: "plan", signal });
});
