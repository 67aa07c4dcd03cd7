import { waitUntil } from "../helpers/processes.ts";
import { describeEngineStuck, expectDeadline, limitMs } from "./engine-faults.ts";
import { FaultyApplication } from "./helpers/faulty.ts";

// Ends on SIGTERM; ignores SIGTERM; does not run at all.
describeEngineStuck([
  { fault: "hang", way: "ask" },
  { fault: "hang-deaf", way: "stream" },
  { fault: "SIGSTOP", way: "ask" },
  { fault: "SIGSTOP", way: "stream" },
]);

it("llama-server keeps loading past a request's deadline, and answers the next request", async () => {
  const plan = { stage: "load", fault: "SIGSTOP" } as const;
  const application = await FaultyApplication.start("llama-server", { limitMs, plan });
  await waitUntil(() => application.pids().length > 0);
  const [pid = Number.NaN] = application.pids();

  for (const way of ["ask", "stream"] as const) {
    expectDeadline(await application[way](), "load", "load");
  }

  process.kill(pid, "SIGCONT");
  await application.askFaultless("load");
  expect(application.pids()).toEqual([pid]);
});
