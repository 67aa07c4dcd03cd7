import { UserError } from "../model/user-error.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { createAwsClients } from "./deploy/aws-clients.ts";
import { createDeploymentParts } from "./deploy/deployment-parts.ts";
import { diagnose, doctorChecks } from "./deploy/doctor-checks.ts";

// `make doctor`: everything that a deployment needs; what is missing, and how to get it.

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  const parts = createDeploymentParts(config, process.env);
  const diagnoses = await diagnose(
    doctorChecks({
      config,
      clients: createAwsClients(config),
      requireTerraform: parts.requireTerraform,
      requireContainerTool: parts.requireContainerTool,
      imageTag: () => parts.builder.tag(),
      findImage: (tag) => parts.registry.findImage(tag),
    }),
  );
  for (const { title, isGood, text } of diagnoses) {
    console.log(`${isGood ? "✓" : "✗"} ${title}: ${text.replaceAll("\n", "\n    ")}`);
  }
  const missing = diagnoses.filter(({ isGood }) => !isGood).length;
  if (missing > 0) throw new UserError(`${missing} of ${diagnoses.length} are missing`);
});
