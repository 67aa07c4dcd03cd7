import { architectures } from "../../../model/architecture.ts";
import { engineNames } from "../../../runtime/config.ts";
import { cpusOfMemory } from "../../../runtime/lambda-sizing.ts";
import { instances, type Sizing } from "../../../stacks/lambda-prices.ts";
import { spreadOf } from "../statistics.ts";
import { type CostPoint, type EngineName, requestSeconds } from "./cost-point.ts";
import type { CostSettings } from "./cost-settings.ts";
import type { MeasuredRequest } from "./measured-requests.ts";
import { publishedSpeed, publishedSpeedOfCpus, type Speed } from "./published-speeds.ts";

/** The size that is compared in detail: what `stacks/settings.ts` deploys as it comes. */
export const defaultMemoryMiB = 3008;

/** The least and the most that can be deployed, whole vCPUs, and sizes that people take. */
const usualSizesMiB = [1536, 1769, 2048, 3008, 3538, 5307, 7076, 8845, 10_240] as const;

/** One for each size, architecture and engine, at the published speeds. */
export function publishedPoints(settings: CostSettings): CostPoint[] {
  const chosen = settings.ARCH === undefined ? architectures : [settings.ARCH];
  return chosen.flatMap((architecture) =>
    sizes(settings).flatMap((memoryMiB) => {
      const sizing = { architecture, memoryMiB };
      return pointsOf(sizing, publishedSpeed(sizing), settings);
    }),
  );
}

/** Those of one measured speed: its own size, or all of them with SCALE. */
export function givenPoints(settings: CostSettings): CostPoint[] {
  const { ARCH: architecture = "x86_64", MEMORY = defaultMemoryMiB, SCALE } = settings;
  const published = publishedSpeed({ architecture, memoryMiB: MEMORY });
  const decode = settings.TOKENS_PER_SECOND ?? published.decode;
  const prompt =
    settings.PROMPT_TOKENS_PER_SECOND ?? (decode * published.prompt) / published.decode;
  return (SCALE ? sizes(settings) : [MEMORY]).flatMap((memoryMiB) => {
    const sizing = { architecture, memoryMiB };
    const there = publishedSpeed(sizing);
    const speed = {
      prompt: (prompt * there.prompt) / published.prompt,
      decode: (decode * there.decode) / published.decode,
    };
    return pointsOf(sizing, speed, settings);
  });
}

function sizes({ MEMORY }: CostSettings): number[] {
  const all = new Set<number>([...usualSizesMiB, ...(MEMORY === undefined ? [] : [MEMORY])]);
  return [...all].sort((a, b) => a - b);
}

function pointsOf(sizing: Sizing, speed: Speed, settings: CostSettings): CostPoint[] {
  const readingSeconds = settings.PROMPT_TOKENS / speed.prompt;
  return engineNames.map((engine) => ({
    ...sizing,
    engine,
    tokensPerSecond: speed.decode,
    secondsBefore: loadSeconds(engine, settings) + readingSeconds,
    coldSeconds: settings.COLD_MS / 1000,
    restoredSeconds: settings.RESTORE_MS / 1000,
  }));
}

/** llama-cli loads the model for each request, llama-server before the first. */
function loadSeconds(engine: EngineName, { LOAD_MS }: CostSettings): number {
  return engine === "llama-cli" ? LOAD_MS / 1000 : 0;
}

/** One for each size, architecture and engine that warm requests were measured of, by medians. */
export function measuredPoints(
  requests: readonly MeasuredRequest[],
  settings: CostSettings,
): CostPoint[] {
  const chosen = requests.filter(
    ({ architecture }) => settings.ARCH === undefined || architecture === settings.ARCH,
  );
  return architectures.flatMap((architecture) =>
    engineNames.flatMap((engine) => {
      const own = chosen.filter(
        (one) => one.architecture === architecture && one.engine === engine,
      );
      const measuredSizes = [...new Set(own.map(({ memoryMiB }) => memoryMiB))];
      return measuredSizes
        .toSorted((a, b) => a - b)
        .flatMap((size) =>
          measuredPoint(
            own.filter(({ memoryMiB }) => memoryMiB === size),
            settings,
          ),
        );
    }),
  );
}

function measuredPoint(group: readonly MeasuredRequest[], settings: CostSettings): CostPoint[] {
  const [first] = group;
  const warm = group.filter(({ isCold }) => !isCold);
  if (first === undefined || warm.length === 0) return [];
  const spread = spreadOf(warm.map(({ tokensPerSecond }) => tokensPerSecond));
  const before = warm.map((one) => one.billedMs / 1000 - one.tokensMade / one.tokensPerSecond);
  const point = {
    architecture: first.architecture,
    memoryMiB: first.memoryMiB,
    engine: first.engine,
    tokensPerSecond: spread.median,
    spread,
    secondsBefore: Math.max(0, spreadOf(before).median),
    coldSeconds: settings.COLD_MS / 1000,
    restoredSeconds: settings.RESTORE_MS / 1000,
  };
  const cold = settings.given.COLD_MS ? undefined : addedSeconds(point, group, false);
  const restored = settings.given.RESTORE_MS ? undefined : addedSeconds(point, group, true);
  return [
    {
      ...point,
      coldSeconds: cold ?? point.coldSeconds,
      restoredSeconds: restored ?? point.restoredSeconds,
      measuredStarts: [
        ...(cold === undefined ? [] : (["cold"] as const)),
        ...(restored === undefined ? [] : (["restored"] as const)),
      ],
    },
  ];
}

/** What a cold start added to what a warm request of as many tokens takes; `undefined` without any. */
function addedSeconds(
  point: CostPoint,
  group: readonly MeasuredRequest[],
  isRestored: boolean,
): number | undefined {
  const added = group
    .filter((one) => one.isCold && one.isRestored === isRestored)
    .map((one) => one.billedMs / 1000 - requestSeconds(point, one.tokensMade));
  return added.length === 0 ? undefined : Math.max(0, spreadOf(added).median);
}

/**
 * Seconds of a request on the always-on instance of an architecture, with the model resident: those
 * of the function whose vCPUs are nearest to the instance's, along the published speeds.
 */
export function instanceSeconds(
  architecture: Sizing["architecture"],
  points: readonly CostPoint[],
  answerTokens: number,
): number | undefined {
  const { cpus } = instances[architecture];
  const [nearest] = points
    .filter((point) => point.architecture === architecture)
    .toSorted((a, b) => rank(a, cpus) - rank(b, cpus));
  if (nearest === undefined) return undefined;
  const [there, here] = [publishedSpeedOfCpus(architecture, cpus), publishedSpeed(nearest)];
  return (
    (nearest.secondsBefore * here.prompt) / there.prompt +
    (answerTokens / nearest.tokensPerSecond) * (here.decode / there.decode)
  );
}

/** A resident model before all others, then the distance in vCPUs. */
function rank({ engine, memoryMiB }: CostPoint, cpus: number): number {
  return (engine === "llama-server" ? 0 : 100) + Math.abs(cpusOfMemory(memoryMiB) - cpus);
}
