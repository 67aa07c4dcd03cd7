import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/**
 * Writes a file so that others see all of it or none: under another name first. What is no ordinary
 * file (a device, a pipe) is written to as it is. Throws the system's error, and leaves nothing then.
 */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing && !existing.isFile()) {
    writeFileSync(path, bytes);
    return;
  }
  const target = existing ? realpathSync(path) : path;
  const partial = `${target}.${process.pid}.partial`;
  try {
    writeFileSync(partial, bytes);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
