import { type Config, snapStart } from "./config.ts";
import type { Engine } from "./engine/engine.ts";

/** What happens before the first request. */
export interface InitializationParts {
  readonly config: Pick<Config, "modelPath" | "initializationType">;
  readonly engine: Engine;
  readonly readIntoPageCache: (path: string) => Promise<number>;
}

/** Kinds of initialization that happen ahead of any request, and may take longer than 10 seconds. */
const aheadOfRequests: readonly (string | undefined)[] = [snapStart, "provisioned-concurrency"];

/**
 * Pulls the model into the page cache while the engine loads. Waits for both where that is done
 * ahead of any request: with SnapStart they become part of the snapshot. On demand a request is
 * waiting already, and needs the engine only: then it returns at once, far from the 10 seconds that
 * Lambda allows. A model that cannot be read is for the first request to tell.
 */
export async function initialize(parts: InitializationParts): Promise<void> {
  const { config, engine } = parts;
  const cached = parts.readIntoPageCache(config.modelPath).catch(() => 0);
  if (!aheadOfRequests.includes(config.initializationType)) return;
  await Promise.all([cached, engine.settled()]);
}
