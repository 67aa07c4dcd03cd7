import { parseStackConfig } from "../stacks/config.ts";
import { settings } from "../stacks/settings.ts";
import { runCommandLine } from "./cloud/command-line.ts";
import { createDeploymentParts } from "./cloud/deployment-parts.ts";
import { interruption } from "./cloud/interruption.ts";
import { planningSteps } from "./cloud/planning.ts";
import { printSteps, runSteps } from "./cloud/steps.ts";
import { benchmarkNotePath, requireNoBenchmark } from "./remote-benchmark/original-note.ts";

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
