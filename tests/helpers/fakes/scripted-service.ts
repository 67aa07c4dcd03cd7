import type { EngineName } from "../../../runtime/engine/engines.ts";
import { RequestQueue } from "../../../runtime/engine/request-queue.ts";
import { Service } from "../../../runtime/service.ts";
import { type Script, scriptedEngine } from "./scripted-engine.ts";

/** A line of the log. */
export interface Line {
  readonly level: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a service answers, and its settings. */
export interface ServiceScript extends Script {
  readonly onLine?: (line: Line) => void;
  readonly engine?: EngineName;
  readonly fingerprint?: string;
  readonly systemPrompt?: string;
  readonly initializationType?: string;
  /** Requests that may wait while one is answered. */
  readonly mostWaiting?: number;
}

/** The service on a scripted engine; its model is `golden`, its seed 7, its clock stopped. */
export function scriptedService(script: ServiceScript = {}): Service {
  const now = () => new Date(1_700_000_000_000);
  return new Service({
    config: {
      engine: script.engine ?? "llama-cli",
      modelName: "golden",
      deadlineReserveMs: 60_000,
      functionName: "golden-function",
      fingerprint: script.fingerprint,
      systemPrompt: script.systemPrompt,
      initializationType: script.initializationType,
    },
    engine: scriptedEngine(script),
    queue: new RequestQueue(script.mostWaiting),
    log(level, event, fields) {
      script.onLine?.({ level, event, fields });
    },
    drawSeed: () => 7,
    now,
  });
}
