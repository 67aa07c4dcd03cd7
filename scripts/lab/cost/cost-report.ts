import { UserError } from "../../../model/user-error.ts";
import { numberText } from "../charts/number-text.ts";
import type { CostPoint } from "./cost-point.ts";
import { defaultMemoryMiB, givenPoints, measuredPoints, publishedPoints } from "./cost-points.ts";
import type { CostSettings } from "./cost-settings.ts";
import { cheapestOf } from "./cost-tables.ts";
import type { Traffic } from "./daily-cost.ts";
import { measuredRequests } from "./measured-requests.ts";
import { publishedSpeedSource } from "./published-speeds.ts";

/** All that the terminal, the page and the charts tell. */
export interface CostReport {
  readonly settings: CostSettings;
  readonly traffic: Traffic;
  readonly points: readonly CostPoint[];
  /** Those of the size that is compared in detail. */
  readonly chosen: readonly CostPoint[];
  /** These, and the cheapest of each architecture and engine. */
  readonly compared: readonly CostPoint[];
  /** What the speeds are, in one line. */
  readonly speedText: string;
}

/**
 * What the settings ask for.
 *
 * @param csv text of the file that MEASURED names
 * @throws UserError for a file that cannot be counted with, or that lacks the size asked for
 */
export function costReport(settings: CostSettings, csv?: string): CostReport {
  const { points, speedText } = speeds(settings, csv);
  const traffic = {
    answerTokens: settings.ANSWER_TOKENS,
    coldShare: settings.COLD_SHARE,
    environments: settings.PROVISIONED,
  };
  const chosen = chosenPoints(points, settings);
  const groups = new Set(points.map(({ architecture, engine }) => `${architecture} ${engine}`));
  const cheapest = [...groups].flatMap((group) => {
    const own = points.filter((point) => `${point.architecture} ${point.engine}` === group);
    return cheapestOf(own, traffic) ?? [];
  });
  const compared = points.filter((point) => chosen.includes(point) || cheapest.includes(point));
  return { settings, traffic, points, chosen, compared, speedText };
}

interface Speeds {
  readonly points: readonly CostPoint[];
  readonly speedText: string;
}

function speeds(settings: CostSettings, csv: string | undefined): Speeds {
  if (csv !== undefined) return measuredSpeeds(settings, csv);
  if (settings.TOKENS_PER_SECOND !== undefined) return givenSpeeds(settings);
  return { points: publishedPoints(settings), speedText: publishedSpeedSource };
}

function measuredSpeeds(settings: CostSettings, csv: string): Speeds {
  const path = settings.MEASURED ?? "the CSV";
  const { requests, leftOut } = measuredRequests({ text: csv, path });
  const points = measuredPoints(requests, settings);
  if (points.length === 0) {
    throw new UserError(`${path} holds no warm request on ${settings.ARCH}`);
  }
  const left = leftOut === 0 ? "" : `; left out are ${leftOut} with an error or without a token`;
  const fewest = Math.min(...points.map(({ spread }) => spread?.count ?? 0));
  return {
    points,
    speedText: `measured, from ${path}: medians of ${requests.length} requests, ${fewest} or more of them warm for each size and engine${left}`,
  };
}

function givenSpeeds(settings: CostSettings): Speeds {
  const points = givenPoints(settings);
  const { TOKENS_PER_SECOND, PROMPT_TOKENS_PER_SECOND, SCALE, ARCH = "x86_64", MEMORY } = settings;
  const measured = `${TOKENS_PER_SECOND} tokens a second with ${numberText(MEMORY ?? 0)} MB on ${ARCH}, as given`;
  const prompt =
    PROMPT_TOKENS_PER_SECOND === undefined
      ? "prompts as much faster as by bitnet.cpp's published speeds"
      : `prompts at ${PROMPT_TOKENS_PER_SECOND} tokens a second`;
  const others = SCALE ? "; other sizes along bitnet.cpp's published speeds by vCPUs" : "";
  return { points, speedText: `${measured}; ${prompt}${others}` };
}

/** @throws UserError when MEMORY names a size that was not measured */
function chosenPoints(points: readonly CostPoint[], { MEMORY }: CostSettings): CostPoint[] {
  const ofSize = (size: number) => points.filter(({ memoryMiB }) => memoryMiB === size);
  const chosen = ofSize(MEMORY ?? defaultMemoryMiB);
  if (chosen.length > 0) return chosen;
  const sizes = [...new Set(points.map(({ memoryMiB }) => memoryMiB))].sort((a, b) => a - b);
  if (MEMORY === undefined) return ofSize(sizes[0] ?? 0);
  throw new UserError(`MEMORY=${MEMORY}: not measured; there are ${sizes.join(", ")}`);
}

/** What the figures count with, one sentence each, for the page and the terminal. */
export function assumptions(report: CostReport): string[] {
  const { settings, traffic } = report;
  const isMeasured = settings.MEASURED !== undefined;
  const { answerTokens, coldShare, environments } = traffic;
  const made = `makes ${numberText(answerTokens)} (\`ANSWER_TOKENS\`)`;
  return [
    `Speeds: ${report.speedText}.`,
    isMeasured
      ? `A request ${made}; what it takes before that, with the benchmark's prompts, is measured too.`
      : `A request reads ${numberText(settings.PROMPT_TOKENS)} tokens (\`PROMPT_TOKENS\`) and ${made}.`,
    ...(isMeasured
      ? []
      : [
          `llama-cli loads the model for each request, ${seconds(settings.LOAD_MS)} (\`LOAD_MS\`; 0.5 to 0.7 s were measured on two cores of a Zen 5 machine with random weights, not on Lambda); llama-server does not.`,
        ]),
    coldSentence(report, coldShare),
    `Snapshots and kept environments cost something in any case: they are counted at ${numberText(settings.REQUESTS_PER_DAY)} requests a day (\`REQUESTS_PER_DAY\`), with one published version and ${environments === 1 ? "one environment" : `${numberText(environments)} environments`} kept (\`PROVISIONED\`), spread so that kept environments take all they can.`,
    "An always-on instance has the model resident and is as fast as a function of its vCPUs. Its disk and address, and the work of keeping it, are not counted.",
    "Not counted either: the free tier, the handler's own milliseconds, logs, data transfer, the image registry.",
  ];
}

function coldSentence({ settings, points }: CostReport, coldShare: number): string {
  const share = `${numberText(coldShare * 100)} % of the requests meet no warm environment (\`COLD_SHARE\`)`;
  return `${share}. That adds ${addedText("COLD_MS", settings, points)}; from a snapshot, ${addedText("RESTORE_MS", settings, points)} and the price of the restore.`;
}

const starts = {
  COLD_MS: {
    start: "cold",
    field: "coldSeconds",
    why: "the longest that Lambda lets an initialization take on demand",
  },
  RESTORE_MS: { start: "restored", field: "restoredSeconds", why: "the least it can be" },
} as const;

/** Seconds that a start adds, and who says so. */
function addedText(
  name: keyof typeof starts,
  settings: CostSettings,
  points: readonly CostPoint[],
): string {
  const own = `${seconds(settings[name])} (\`${name}\``;
  if (settings.given[name] !== undefined) return `${own})`;
  const { start, field, why } = starts[name];
  const measured = points.filter(({ measuredStarts = [] }) => measuredStarts.includes(start));
  if (measured.length === 0) return `${own}, ${why}; nobody has measured it)`;
  const found = measured.map((point) => point[field]);
  const others = measured.length < points.length ? `, and ${own}) where none was` : "";
  const ends = [Math.min(...found), Math.max(...found)].map((value) => value.toFixed(1));
  return `${[...new Set(ends)].join(" to ")} s, as measured${others}`;
}

function seconds(ms: number): string {
  return `${numberText(ms / 1000)} s`;
}

/** The command that makes this report again. */
export function commandText({ settings }: CostReport): string {
  const given = Object.entries(settings.given).filter(([name]) => name !== "OUT");
  const words = given.map(
    ([name, value]) => `${name}=${/[^\w./-]/.test(value) ? JSON.stringify(value) : value}`,
  );
  return [...words, "make cost"].join(" ");
}

/** Whether the speeds are nobody's measurement. */
export function isPublished({ settings }: CostReport): boolean {
  return settings.MEASURED === undefined && settings.TOKENS_PER_SECOND === undefined;
}
