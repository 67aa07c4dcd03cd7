import { accessSync, constants } from "node:fs";

/**
 * Ends the process with a message and exit code 2 when a file that the user named is not there or
 * cannot be used.
 *
 * @param name what the user set to name it, for the message
 */
export function requireFile(name: string, path: string, use: "read" | "run"): void {
  try {
    accessSync(path, use === "read" ? constants.R_OK : constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what =
      code === "EACCES" ? `cannot be ${use === "read" ? "read" : "run"}` : "does not exist";
    console.error(`${name}: ${path} ${what}`);
    process.exit(2);
  }
}
