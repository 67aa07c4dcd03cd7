import { RANDOM_SEED } from "./engine-settings.ts";
import type { SamplingSettings } from "./sampler.ts";

/** Settings with their open values filled in: a random seed, and a window as long as the context. */
export function effectiveSampling(
  sampling: SamplingSettings,
  contextTokens: number,
  randomSeed: () => number,
): SamplingSettings {
  const { seed, repeatLastTokens } = sampling;
  return {
    ...sampling,
    seed: seed === RANDOM_SEED ? randomSeed() : seed,
    repeatLastTokens: repeatLastTokens < 0 ? contextTokens : repeatLastTokens,
  };
}
