import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { interruption } from "./cli/interruption.ts";
import { printSteps, runSteps } from "./cli/steps.ts";
import { createDeploymentParts } from "./deploy/deployment-parts.ts";
import { planningSteps } from "./deploy/planning.ts";
import { benchmarkNotePath, requireNoBenchmark } from "./lab/remote-benchmark/original-note.ts";

// `make plan`: what `make deploy` would change, shown and saved for `SAVED_PLAN=1 make deploy`.

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  const parts = createDeploymentParts(config, process.env);
  const steps = planningSteps(parts, (text) => console.log(text));
  if (process.env.DRY_RUN) return printSteps(steps, console.log);
  requireNoBenchmark(benchmarkNotePath);
  await runSteps(steps, {
    command: "plan",
    writeLine: (line) => console.error(line),
    now: () => performance.now(),
    signal: interruption(),
  });
});
