import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { synthesize } from "../stacks/synthesize.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { outputFolder, stackFolder } from "./deploy/workspace.ts";

// `make synth`: the Terraform of both stacks, by the same way as `stacks/main.ts`, with a message
// instead of a stack trace when the configuration is bad.

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  synthesize(config, outputFolder);
  console.log(stackFolder(config, "registry"));
  console.log(stackFolder(config, "service"));
});
