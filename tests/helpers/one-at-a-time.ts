import { mostWaiting, withAdmission } from "../../runtime/engine/admission.ts";
import type { Engine } from "../../runtime/engine/engine.ts";
import { createWaitingLine } from "../../runtime/engine/request-queue.ts";

/** An engine behind a waiting line of its own, as the application puts it together. */
export function oneAtATime(engine: Engine, most = mostWaiting): Engine {
  return withAdmission(engine, createWaitingLine(most), () => performance.now());
}
