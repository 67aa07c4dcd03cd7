import type { Box } from "../../scripts/lab/charts/label-places.ts";
import { unescaped } from "../../scripts/lab/charts/svg-element.ts";
import { textWidth } from "../../scripts/lab/charts/text-size.ts";

/** An element of a chart: its classes, its text, and the pixels that it takes. */
export interface DrawnElement {
  readonly name: string;
  readonly classes: readonly string[];
  readonly text: string;
  readonly box: Box;
}

/** All that a chart draws, in the order of drawing. */
export function drawnElements(svg: string): DrawnElement[] {
  const body = svg.slice(svg.indexOf("</style>"));
  return [...body.matchAll(/<(\w+) ([^>]*?)(?:\/>|>([^<]*)<)/g)].map(
    ([, name = "", attributeText = "", text = ""]) => {
      const attributes = new Map(
        [...attributeText.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
          key,
          value,
        ]),
      );
      const plain = unescaped(text);
      const box = boxOf[name as keyof typeof boxOf](attributes, plain);
      return { name, classes: attributes.get("class")?.split(" ") ?? [], text: plain, box };
    },
  );
}

/** Those of one class. */
export function drawnWithClass(svg: string, name: string): DrawnElement[] {
  return drawnElements(svg).filter(({ classes }) => classes.includes(name));
}

/** The whole picture. */
export function pictureBox(svg: string): Box {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
  return { left: 0, top: 0, width: Number(width), height: Number(height) };
}

type AttributeMap = ReadonlyMap<string, string>;

/** How much of a text's width stands left of its place. */
const anchors = [
  ["right", 1],
  ["middle", 0.5],
] as const;

const boxOf = {
  rect: (attributes: AttributeMap): Box => ({
    left: number(attributes, "x", 0),
    top: number(attributes, "y", 0),
    width: number(attributes, "width"),
    height: number(attributes, "height"),
  }),
  circle: (attributes: AttributeMap): Box => {
    const [x, y, radius] = ["cx", "cy", "r"].map((name) => number(attributes, name));
    if (x === undefined || y === undefined || radius === undefined) throw new Error("no circle");
    return { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius };
  },
  text: (attributes: AttributeMap, text: string): Box => {
    const classes = attributes.get("class")?.split(" ") ?? [];
    const size = classes.includes("title") ? 15 : 12;
    const width = textWidth(text, size);
    const [, share = 0] = anchors.find(([name]) => classes.includes(name)) ?? [];
    const top = number(attributes, "y") - size * 0.8;
    return { left: number(attributes, "x") - width * share, top, width, height: size };
  },
  path: (attributes: AttributeMap): Box => {
    const xs: number[] = [];
    const ys: number[] = [];
    for (const [, command = "", text = ""] of (attributes.get("d") ?? "").matchAll(
      /([MLHV])([^MLHV]*)/g,
    )) {
      const values = text.split(" ").map(Number);
      if (values.some(Number.isNaN)) throw new Error(`no numbers: ${text}`);
      if (command !== "V") xs.push(values[0] ?? 0);
      if (command !== "H") ys.push(values.at(-1) ?? 0);
    }
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  },
} as const;

function number(attributes: AttributeMap, name: string, otherwise?: number): number {
  const value = attributes.has(name) ? Number(attributes.get(name)) : otherwise;
  if (value === undefined || Number.isNaN(value)) throw new Error(`${name} is no number`);
  return value;
}

/** Whether a box lies wholly in another, with a hundredth of a pixel for rounding. */
export function isWithin(box: Box, frame: Box): boolean {
  return (
    box.left >= frame.left - 0.01 &&
    box.top >= frame.top - 0.01 &&
    box.left + box.width <= frame.left + frame.width + 0.01 &&
    box.top + box.height <= frame.top + frame.height + 0.01
  );
}
