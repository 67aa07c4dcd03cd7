import { accessSync, constants, statSync } from "node:fs";

/** `NAME: PATH does not exist` for a file that a setting names; `undefined` if it can be used. */
export function fileProblem(name: string, path: string, use: "read" | "run"): string | undefined {
  try {
    accessSync(path, use === "read" ? constants.R_OK : constants.X_OK);
    return statSync(path).isDirectory() ? `${name}: ${path} is a directory` : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === "EACCES" ? `cannot be ${use}` : "does not exist";
    return `${name}: ${path} ${what}`;
  }
}

/** Ends the process with exit code 2 and the problem, if there is one. */
export function requireFile(name: string, path: string, use: "read" | "run"): void {
  const problem = fileProblem(name, path, use);
  if (problem === undefined) return;
  console.error(problem);
  process.exit(2);
}
