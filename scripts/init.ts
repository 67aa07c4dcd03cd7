import { readPins } from "../model/pins.ts";
import { provideEngineSource } from "./build/engine/engine-source.ts";
import { provideModel } from "./build/model-file.ts";
import { namedArchitectures, parseSetupSettings } from "./build/setup-settings.ts";
import { runInterruptible } from "./cli/command-line.ts";

// `make init`: fetches what a build needs, and compares it with the pins.

await runInterruptible(async (signal) => {
  const settings = parseSetupSettings(process.env);
  const pins = readPins(settings.PINS);
  for (const architecture of namedArchitectures(settings)) {
    const source = await provideEngineSource(architecture, pins.engine[architecture], settings);
    const edits = [...source.edits].map(([edit, outcome]) => `${edit} ${outcome}`).join(", ");
    const trust = source.isVerified ? "as pinned" : "NOT compared with the pins: no git folder";
    console.log(`engine  ${architecture}: ${source.folder}, ${trust}; edits: ${edits}`);
  }
  const { path, summary } = await provideModel(pins.model, settings, signal);
  const types = Object.entries(summary.tensorTypes).map(([type, count]) => `${count} ${type}`);
  console.log(
    `model   ${path}: ${summary.name}, ${summary.layers} layers, ${summary.contextTokens} tokens of context, ${types.join(" + ")} tensors`,
  );
});
