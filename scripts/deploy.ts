import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { interruption } from "./cli/interruption.ts";
import { outputLines } from "./cli/output-lines.ts";
import { printSteps, runSteps } from "./cli/steps.ts";
import { deploymentSteps, pushSteps } from "./deploy/deployment.ts";
import { createDeploymentParts } from "./deploy/deployment-parts.ts";
import { benchmarkNotePath, requireNoBenchmark } from "./lab/remote-benchmark/original-note.ts";

// `make deploy`, and `make push`, which stops before the function.

await runCommandLine(async () => {
  const command = process.argv[2] === "push" ? "push" : "deploy";
  const config = parseStackConfig(settings, process.env);
  const parts = createDeploymentParts(config, process.env);
  const steps = command === "push" ? pushSteps(parts) : deploymentSteps(parts);
  if (process.env.DRY_RUN) return printSteps(steps, console.log);
  requireNoBenchmark(benchmarkNotePath);
  await runSteps(steps, {
    command,
    writeLine: (line) => console.error(line),
    now: () => performance.now(),
    signal: interruption(),
  });
  const service = command === "push" ? {} : await parts.serviceTerraform.outputs();
  const outputs = { ...service, ...(await parts.registryTerraform.outputs()) };
  for (const line of outputLines(outputs)) console.log(line);
});
