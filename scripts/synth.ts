import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { synthesize } from "../stacks/synthesize.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { outputFolder, stackFolder } from "./deploy/terraform.ts";

// `make synth`: writes the Terraform JSON of both stacks, like `stacks/main.ts`, but with a message
// instead of a stack trace when the configuration is invalid.

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  synthesize(config, outputFolder);
  console.log(stackFolder(config, "registry"));
  console.log(stackFolder(config, "service"));
});
