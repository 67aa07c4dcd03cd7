import { machineText, readMachine } from "../../../../scripts/lab/machine.ts";
import { someMachine } from "../../../helpers/machine.ts";

describe("the machine of a report", () => {
  it("is described without a path or a host's name", () => {
    const machine = readMachine(new Date("2026-11-25T12:00:00Z"));

    expect(machine.date).toBe("2026-11-25");
    expect(machine.cores).toBeGreaterThan(0);
    expect(machineText(machine)).not.toMatch(/\/\w+\//);
  });

  it("is one sentence of the report", () => {
    const text = machineText(someMachine);

    expect(text).toBe(
      "2026-11-25, commit 0123456789; AMD EPYC, 2 cores, 23 GiB of memory, linux 6.1.0, x64, Node.js v20.11.0; load 0.1 at the start.",
    );
  });
});
