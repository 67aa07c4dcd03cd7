import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { runInterruptible } from "./cli/command-line.ts";
import { printSteps, runSteps } from "./cli/steps.ts";
import { deploymentSteps, pushSteps } from "./deploy/deployment.ts";
import { configuredDeployment } from "./deploy/deployment-dependencies.ts";
import { outputLines } from "./deploy/output-lines.ts";

// `make deploy`, and `make push`, which stops before the function. DRY_RUN=1 prints the steps.

const commandSettings = z.object({ DRY_RUN: z.string().optional() });

await runInterruptible(async (signal) => {
  const command = process.argv[2] === "push" ? "push" : "deploy";
  const { DRY_RUN } = readVariables(commandSettings, process.env);
  const dependencies = configuredDeployment(process.env);
  const steps = command === "push" ? pushSteps(dependencies) : deploymentSteps(dependencies);
  if (DRY_RUN) return printSteps(steps, console.log);
  await runSteps(steps, { command, signal });
  const service = command === "push" ? {} : await dependencies.serviceTerraform.outputs();
  const outputs = { ...service, ...(await dependencies.registryTerraform.outputs()) };
  for (const line of outputLines(outputs)) console.log(line);
});
