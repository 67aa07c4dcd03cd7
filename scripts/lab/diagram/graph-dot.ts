import { flowOf } from "./flow-labels.ts";
import type { ResourceGraph, ResourceGroup } from "./resource-graph.ts";
import { resourceLook } from "./resource-looks.ts";

/** What is drawn and is no resource: people, and what goes from stack to stack. */
export interface Surroundings {
  /** Boxes by id, with their lines. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  /** Arrows with what flows along them; those whose ends are not there are left out. */
  readonly arrows: readonly { from: string; to: string; label: string }[];
}

/** A picture's parts. */
export interface Picture {
  readonly graph: ResourceGraph;
  /** Ids of groups that are there only when they are asked for: drawn with a broken line. */
  readonly optional: ReadonlySet<string>;
  readonly surroundings: Surroundings;
}

/** The picture in Graphviz's language, the same text for the same stacks. */
export function graphDot({ graph, optional, surroundings }: Picture): string {
  const stacks = [...new Set(graph.groups.map(({ stack }) => stack))];
  const ids = new Set([...graph.groups.map(({ id }) => id), ...Object.keys(surroundings.nodes)]);
  const lines = [
    "// Made by `make diagram` from the synthesized stacks; do not edit.",
    "digraph infrastructure {",
    '  graph [rankdir=TB, bgcolor="white", fontname="Helvetica", fontsize=14, nodesep=0.3, ranksep=0.45, pad=0.2]',
    '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=12, color="#555555", fillcolor="white", margin="0.25,0.1"]',
    '  edge [fontname="Helvetica", fontsize=11, color="#555555", fontcolor="#333333", arrowsize=0.7]',
    ...Object.entries(surroundings.nodes).map(
      ([id, text]) => `  ${quoted(id)} [shape=plaintext, style="", label=${label(text)}]`,
    ),
    ...stacks.flatMap((stack) => cluster(stack, graph.groups, optional)),
    ...references(graph),
    ...surroundings.arrows
      .filter(({ from, to }) => ids.has(from) && ids.has(to))
      .map((arrow) => edge(arrow.from, arrow.to, arrow.label)),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function cluster(
  stack: string,
  groups: readonly ResourceGroup[],
  optional: ReadonlySet<string>,
): string[] {
  return [
    `  subgraph ${quoted(`cluster_${stack}`)} {`,
    `    graph [label=${quoted(`${stack} stack`)}, labeljust=l, style="rounded", color="#aaaaaa", margin=14]`,
    ...groups.filter((group) => group.stack === stack).map((group) => node(group, optional)),
    "  }",
  ];
}

function node(group: ResourceGroup, optional: ReadonlySet<string>): string {
  const { lines, colour } = resourceLook(group);
  const isOptional = optional.has(group.id);
  const style = isOptional ? ', style="filled,rounded,dashed"' : "";
  const text = isOptional ? [...lines, "(when asked for)"] : lines;
  return `    ${quoted(group.id)} [fillcolor=${quoted(colour)}${style}, label=${label(text)}]`;
}

function references({ groups, references: all }: ResourceGraph): string[] {
  const typeOf = new Map(groups.map(({ id, type }) => [id, type]));
  return all.flatMap(({ from, to }) => {
    const flow = flowOf(typeOf.get(from) ?? "", typeOf.get(to) ?? "");
    if (flow === undefined) return [];
    return [flow.isBackwards ? edge(to, from, flow.label) : edge(from, to, flow.label)];
  });
}

function edge(from: string, to: string, text: string): string {
  // The blanks keep the text off the line.
  const attributes = text === "" ? "" : ` [label=${quoted(`  ${text}  `)}]`;
  return `  ${quoted(from)} -> ${quoted(to)}${attributes}`;
}

function label(lines: readonly string[]): string {
  return quoted(lines.join("\n"));
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
