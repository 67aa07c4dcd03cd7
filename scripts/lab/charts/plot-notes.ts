import { chartLayout } from "./chart-page.ts";
import { type Box, freestPlace } from "./label-places.ts";
import { type Line, type Plot, type PlotContents, placesOf } from "./line-plot.ts";
import { element, textElement } from "./svg-element.ts";
import { textWidth } from "./text-size.ts";

const markRadius = 7;

/** Rings around marks, and the names of marks and references, each where it covers least. */
export function drawNotes(
  { lines, references = [], marks = [] }: PlotContents,
  plot: Plot,
): string[] {
  const taken = lines.flatMap((line) => coveredBoxes(line, plot));
  const put = (label: string, candidates: readonly Box[]) => {
    const box = freestPlace(
      candidates.map((candidate) => inside(candidate, plot)),
      taken,
    );
    taken.push(box);
    const y = box.top + box.height - 4;
    return textElement("text", { class: "note over", x: box.left, y }, label);
  };
  const rings = marks.map((mark) => ({
    ...mark,
    at: { x: plot.x.place(mark.x), y: plot.y.place(mark.y) },
  }));
  taken.push(...rings.map(({ at }) => around(at.x, at.y, markRadius)));
  return [
    ...rings.map(({ at }) =>
      element("circle", { class: "mark", cx: at.x, cy: at.y, r: markRadius }),
    ),
    ...rings.map(({ at, label }) => put(label, placesAround(at, sizeOf(label)))),
    ...references.map(({ value, label }) =>
      put(label, placesAlong(plot.y.place(value), sizeOf(label), plot)),
    ),
  ];
}

/** A box moved as far as it has to be to lie in the plot. */
function inside(box: Box, { left, right, top, bottom }: Plot): Box {
  return {
    ...box,
    left: Math.max(left, Math.min(right - box.width, box.left)),
    top: Math.max(top, Math.min(bottom - box.height, box.top)),
  };
}

type Size = Pick<Box, "width" | "height">;

function sizeOf(label: string): Size {
  const { textSize, lineHeight } = chartLayout;
  return { width: textWidth(label, textSize), height: lineHeight };
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius };
}

const boxesPerStep = 24;

/** What a line covers: small boxes along it. */
function coveredBoxes(line: Line, plot: Plot): Box[] {
  const places = placesOf(line, plot);
  return places.flatMap((from, index) => {
    const to = places[index + 1] ?? from;
    return Array.from({ length: boxesPerStep }, (_, step) => {
      const share = step / boxesPerStep;
      return around(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share, 3);
    });
  });
}

/** Around a ring: at its sides, above and below it, and at its corners. */
function placesAround({ x, y }: { x: number; y: number }, { width, height }: Size): Box[] {
  const away = markRadius + 4;
  const lefts = { left: x - away - width, middle: x - width / 2, right: x + away };
  const tops = { above: y - away - height, beside: y - height / 2, below: y + away };
  return (
    [
      ["middle", "above"],
      ["right", "beside"],
      ["left", "beside"],
      ["middle", "below"],
      ["right", "above"],
      ["left", "above"],
      ["right", "below"],
      ["left", "below"],
    ] as const
  ).map(([across, down]) => ({ left: lefts[across], top: tops[down], width, height }));
}

/** Above and below a line, from its left end to its right one. */
function placesAlong(y: number, { width, height }: Size, plot: Plot): Box[] {
  const last = plot.right - width - 2;
  const lefts = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => plot.left + 4 + (last - plot.left - 4) * share,
  );
  return [y - height - 2, y + 2].flatMap((top) =>
    lefts.map((left) => ({ left, top, width, height })),
  );
}
