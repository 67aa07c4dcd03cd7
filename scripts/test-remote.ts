import { existsSync } from "node:fs";
import { UserError } from "../model/user-error.ts";
import { settings } from "../stacks/settings.ts";
import { parseStackConfig } from "../stacks/stack-config.ts";
import { readExpectations } from "./build/golden-expectations.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { remoteChecks } from "./remote/remote-checks.ts";
import { connectRemote } from "./remote/remote-function.ts";
import { remoteReport } from "./remote/remote-report.ts";
import { RemoteSession } from "./remote/remote-session.ts";

// `make test-remote`: checks that the deployed function answers as documented. With
// ENDPOINT=http://127.0.0.1:9000 it checks `make local`.

const expectationsPath = "model/golden/expectations.json";

await runCommandLine(async () => {
  const config = parseStackConfig(settings, process.env);
  const { call, name } = await connectRemote(config, process.env);
  const session = new RemoteSession(call);
  const isKnown = existsSync(expectationsPath);
  const checks = remoteChecks(isKnown ? readExpectations(expectationsPath) : undefined);
  let failures = 0;
  for (const { title, problems } of checks) {
    const found = await problems(session).catch(reasonOf(session));
    if (found.length > 0) failures++;
    console.log(`${found.length === 0 ? "✓" : "✗"} ${title}`);
    for (const problem of found) console.log(`    ${problem.replaceAll("\n", "\n    ")}`);
  }
  if (session.measured.length > 0) console.log(`\n${remoteReport(session.measured, config)}`);
  console.log(`\n${name}: ${checks.length - failures} passed, ${failures} failed`);
  if (failures > 0) process.exitCode = 1;
});

/** A failed call is a failed check; when the first one fails, all others would too. */
function reasonOf({ measured }: RemoteSession) {
  return (error: unknown): string[] => {
    if (!(error instanceof UserError) || measured.length === 0) throw error;
    return [error.message];
  };
}
