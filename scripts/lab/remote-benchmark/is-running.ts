/** Whether a process of this machine runs, whoever's it is. */
export function isRunning(processId: number): boolean {
  if (processId <= 0) return false;
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
