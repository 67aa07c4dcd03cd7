import * as z from "zod";
import { readVariables } from "../runtime/variables.ts";
import { namePrefix } from "../stacks/resource-names.ts";
import { runInterruptible } from "./cli/command-line.ts";
import { askOnTerminal, requireConsent } from "./cli/consent.ts";
import { printSteps, runSteps } from "./cli/steps.ts";
import { configuredDeployment } from "./deploy/deployment-dependencies.ts";
import { destructionSteps, inventoryLines, removeLocalState } from "./deploy/destruction.ts";

// `make destroy`: lists what there is, asks unless YES=1, and deletes all of it. DRY_RUN=1 prints
// the steps.

const commandSettings = z.object({ DRY_RUN: z.string().optional(), YES: z.string().optional() });

await runInterruptible(async (signal) => {
  const { DRY_RUN, YES } = readVariables(commandSettings, process.env);
  const dependencies = configuredDeployment(process.env);
  const steps = destructionSteps(dependencies);
  if (DRY_RUN) return printSteps(steps, console.log);

  const name = namePrefix(dependencies.config);
  const lines = await inventoryLines(dependencies);
  if (lines.length === 0) return console.log(`nothing of ${name} to destroy`);
  console.log(`This will be destroyed for good:\n${lines.map((line) => `  ${line}`).join("\n")}`);
  if (!YES) {
    const consent = {
      question: `Type ${name} to destroy it: `,
      agreement: name,
      withoutTerminal: "there is no terminal to ask on: YES=1 make destroy",
      otherwise: "Nothing was destroyed.",
    };
    await requireConsent(consent, askOnTerminal(signal));
  }
  await runSteps(steps, { command: "destroy", signal });
  removeLocalState(dependencies);
}, "Nothing was destroyed.");
