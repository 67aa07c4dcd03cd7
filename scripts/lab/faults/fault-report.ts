import { markdownTable } from "../../cli/markdown-table.ts";
import { type Machine, machineText } from "../machine.ts";
import type { FaultNote } from "./fault-note.ts";

type Outcome = FaultNote["outcome"];

/** How an outcome looks in the table. */
const marks = {
  "as it must": "yes",
  "known limit": "known limit",
  "not as it must": "**NO**",
  "not run here": "not run here",
} as const satisfies Record<Outcome, string>;

/** A whole run of the faults. */
export interface FaultRun {
  readonly rows: readonly FaultNote[];
  readonly machine: Machine;
  /** From start to end, in milliseconds. */
  readonly tookMs: number;
}

/** A run as a page of Markdown: one table for each group, in order. */
export function faultReport({ rows, machine, tookMs }: FaultRun): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return [
    "# Faults",
    `Written by \`make test-faults\`. ${machineText(machine)} ${seconds(tookMs)} s in all.`,
    faultCounts(rows),
    ...groups.flatMap((group) => [
      `## ${group}`,
      markdownTable(
        ["fault", "what must happen", "as it must", "what happened", "figures", "s"],
        rows.filter((row) => row.group === group).map(cells),
      ),
    ]),
    "",
  ].join("\n\n");
}

/** `3 faults: 2 as it must, 1 not run here.` */
export function faultCounts(rows: readonly FaultNote[]): string {
  const counts = (Object.keys(marks) as Outcome[])
    .map((outcome) => ({ outcome, count: rows.filter((row) => row.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${outcome}`);
  return `${rows.length} faults: ${counts.join(", ")}.`;
}

/** A row at the terminal. */
export function faultLine(row: FaultNote): string {
  const { group, fault, happened, figures, outcome, tookMs } = row;
  return `${outcome.padEnd(14)} ${seconds(tookMs).padStart(6)} s  ${group}: ${fault}\n${" ".repeat(25)}${[happened, figureText(figures)].filter((text) => text !== "").join(" · ")}`;
}

function cells({ fault, must, outcome, happened, figures, tookMs }: FaultNote): string[] {
  const told = outcome === "not run here" ? `not run here, because ${happened}` : happened;
  return [fault, must, marks[outcome], told, figureText(figures), seconds(tookMs)].map(oneLine);
}

function figureText(figures: FaultNote["figures"]): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** A cell is one line, and is read as text: `<` would begin a tag. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("<", "&lt;");
}
