import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../model/user-error.ts";

/** The text of the file that MEASURED names. @throws UserError when it cannot be read */
export function readMeasured(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new UserError(
      `MEASURED=${path} ${reason}: name a CSV that \`make benchmark-remote\` wrote`,
      { cause },
    );
  }
}

/**
 * Writes files, by name, into a folder that is made when it is not there.
 *
 * @returns their paths
 * @throws UserError when OUT names what is no folder, or none that can be written to
 */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return Object.entries(files).map(([name, content]) => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    });
  } catch (cause) {
    const { message } = cause as NodeJS.ErrnoException;
    throw new UserError(`OUT=${folder} cannot be written: ${message}`, { cause });
  }
}
