import { accessSync, constants } from "node:fs";

/**
 * Ends the process with a message and exit code 2 unless a file exists and can be used.
 *
 * @param name the setting that names the file, for the message
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
