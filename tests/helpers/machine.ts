import type { Machine } from "../../scripts/lab/machine.ts";

/** The machine of a report that was never measured. */
export const someMachine: Machine = {
  date: "2026-11-25",
  commit: "0123456789",
  processor: "AMD EPYC",
  cores: 2,
  memoryGiB: 23,
  system: "linux 6.1.0, x64",
  node: "v20.11.0",
  load: 0.1,
};
