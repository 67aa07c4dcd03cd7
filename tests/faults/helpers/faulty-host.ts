import {
  createPlannedEngine,
  type EngineName,
  expectWhole,
  type Plan,
  type PlannedEngine,
} from "../../helpers/fakes/planned-engine.ts";
import {
  type HandlerHost,
  type HandlerHostSetup,
  startHandlerHost,
} from "../../helpers/handler-host.ts";
import type { WholeAnswer } from "../../helpers/served-answer.ts";

/** How a handler's process is set up. */
export interface FaultyHostSetup extends Partial<HandlerHostSetup> {
  readonly engine: EngineName;
  readonly plan?: Plan;
}

/** The bundled handler in a process of its own, on a fake engine whose faults are planned. */
export interface FaultyHost extends PlannedEngine, HandlerHost {
  /** Asks with nothing planned any more; fails, naming the context, unless all is well. */
  askFaultless(context: unknown): Promise<WholeAnswer>;
}

/** Starts it; to be closed, which fails when a process is left. */
export async function startFaultyHost(setup: FaultyHostSetup): Promise<FaultyHost> {
  const planned = createPlannedEngine(setup.engine, setup.plan);
  const host = await startHandlerHost({
    ...setup,
    variables: { ...planned.variables, ...setup.variables },
  });
  return {
    ...planned,
    ...host,
    async askFaultless(context) {
      planned.plan();
      const answer = await host.ask();
      expectWhole(setup.engine, answer, context);
      return answer;
    },
    async close() {
      const how = await host.close();
      await planned.engineGone();
      planned.remove();
      return how;
    },
  };
}
