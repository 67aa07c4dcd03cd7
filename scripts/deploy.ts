import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runInterruptible } from "./cli/command-line.ts";
import { printSteps, runSteps } from "./cli/steps.ts";
import { deploymentSteps, pushSteps } from "./deploy/deployment.ts";
import { configuredDeployment } from "./deploy/deployment-dependencies.ts";
import { planningSteps } from "./deploy/planning.ts";

// `make deploy`; `make push`, which stops before the function; and `make plan`, which shows and saves
// what `SAVED_PLAN=1 make deploy` then applies. DRY_RUN=1 prints the steps.

const commandSettings = z.object({ DRY_RUN: z.string().optional() });

const commands = {
  deploy: deploymentSteps,
  push: pushSteps,
  plan: (dependencies: Parameters<typeof planningSteps>[0]) =>
    planningSteps(dependencies, console.log),
};

await runInterruptible(async (signal) => {
  const command = (process.argv[2] ?? "deploy") as keyof typeof commands;
  const { DRY_RUN } = readVariables(commandSettings, process.env);
  const dependencies = configuredDeployment(process.env);
  const steps = commands[command](dependencies);
  if (DRY_RUN) return printSteps(steps, console.log);
  await runSteps(steps, { command, signal });
  if (command === "plan") return;
  const service = command === "push" ? {} : await dependencies.serviceTerraform.outputs();
  const outputs = { ...service, ...(await dependencies.registryTerraform.outputs()) };
  for (const line of outputLines(outputs)) console.log(line);
});

/** Terraform's outputs as aligned lines; nested ones as `console.logs`, empty ones left out. */
function outputLines(outputs: Readonly<Record<string, unknown>>): string[] {
  const flat = Object.entries(outputs).flatMap(([name, value]) =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([inner, text]) => [`${name}.${inner}`, text] as const)
      : [[name, value] as const],
  );
  const shown = flat.filter(([, value]) => value !== "" && value !== null);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`);
}
