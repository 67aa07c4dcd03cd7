import {
  type HandlerHost,
  startHandlerHost,
  type WholeAnswer,
} from "../../helpers/handler-host.ts";
import type { HostSetup } from "../../helpers/host-process.ts";
import { type EngineName, type Plan, PlannedEngine } from "./planned-engine.ts";

/** Settings of a handler's process and its engine. */
export interface FaultyHostSetup extends Partial<HostSetup> {
  /** The plan from the start on. */
  readonly plan?: Plan;
}

/** The bundled handler in a process of its own, on a fake engine whose faults are planned. */
export interface FaultyHost extends HandlerHost {
  readonly engine: PlannedEngine;
  /** Asks with nothing planned any more; fails, naming the context, unless the answer is whole. */
  askFaultless(context: unknown): Promise<WholeAnswer>;
}

/** Starts it; closing it fails when a process is left. */
export async function startFaultyHost(
  name: EngineName,
  setup: FaultyHostSetup = {},
): Promise<FaultyHost> {
  const engine = new PlannedEngine(name, setup.plan);
  const host = await startHandlerHost({
    ...setup,
    variables: { ...engine.variables, ...setup.variables },
  });
  return {
    ...host,
    engine,
    async askFaultless(context) {
      engine.plan();
      const answer = await host.ask();
      engine.expectWhole(answer, context);
      return answer;
    },
    async close() {
      const ending = await host.close();
      await engine.close();
      return ending;
    },
  };
}
