import { UserError } from "../model/user-error.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { configuredDeployment } from "./deploy/deployment-dependencies.ts";
import { diagnose } from "./deploy/doctor-checks.ts";

// `make doctor`: checks everything that a deployment needs, and says how to get what is missing.

await runCommandLine(async () => {
  const dependencies = configuredDeployment(process.env);
  const diagnoses = await diagnose(dependencies);
  for (const { title, isGood, text } of diagnoses) {
    console.log(`${isGood ? "✓" : "✗"} ${title}: ${text.replaceAll("\n", "\n    ")}`);
  }
  const missing = diagnoses.filter(({ isGood }) => !isGood).length;
  if (missing > 0) throw new UserError(`${missing} of ${diagnoses.length} checks failed`);
});
