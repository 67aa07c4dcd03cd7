import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Finds a program by its name; returns its path. */
export type FindProgram = (name: string) => string | undefined;

/** Searches the folders of a PATH. */
export function findProgramIn(path: string): FindProgram {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return (name) => {
    const candidates = isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name));
    return candidates.find(isExecutable);
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
