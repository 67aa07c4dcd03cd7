import { namePrefix } from "../stacks/resource-names.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { askOnTerminal, requireConsent } from "./cli/consent.ts";
import { interruption } from "./cli/interruption.ts";
import { printSteps, runSteps } from "./cli/steps.ts";
import { createDeploymentParts } from "./deploy/deployment-parts.ts";
import {
  destructionSteps,
  inventoryLines,
  removeLocalState,
  takeInventory,
} from "./deploy/destruction.ts";

// `make destroy`: lists what there is, asks unless YES=1, removes all of it.

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  const parts = createDeploymentParts(config, process.env);
  const steps = destructionSteps(parts);
  if (process.env.DRY_RUN) return printSteps(steps, console.log);

  const lines = inventoryLines(parts, await takeInventory(parts));
  if (lines.length === 0) return console.log(`nothing of ${namePrefix(config)} to destroy`);
  console.log(`This will be destroyed for good:\n${lines.map((line) => `  ${line}`).join("\n")}`);
  if (!process.env.YES) {
    const name = namePrefix(config);
    await requireConsent(
      {
        question: `Type ${name} to destroy it: `,
        agreement: name,
        withoutTerminal: "nobody is there to ask: YES=1 make destroy",
        otherwise: "Nothing was destroyed.",
      },
      askOnTerminal(),
    );
  }

  await runSteps(steps, {
    command: "destroy",
    writeLine: (line) => console.error(line),
    now: () => performance.now(),
    signal: interruption(),
  });
  removeLocalState(parts);
});
