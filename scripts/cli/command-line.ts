import { isReason } from "./command-error.ts";

/**
 * Runs a command of the Makefile: a reason is printed as it is, anything else with its stack,
 * because nobody foresaw it. Exit code 1 either way; `DEBUG=1` shows the cause of a reason too.
 */
export async function runCommandLine(command: () => Promise<void>): Promise<void> {
  // The AWS SDK warns about Node 20 on every run; which Node is needed is package.json's to say.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  try {
    await command();
  } catch (error) {
    if (isReason(error)) console.error(`\n${error.message}`);
    if (!isReason(error) || process.env.DEBUG) console.error(error);
    process.exitCode = 1;
  }
}
