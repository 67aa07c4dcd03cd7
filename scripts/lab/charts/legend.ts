import { chartLayout, type Drawing, seriesColours } from "./chart-page.ts";
import { element, textElement } from "./svg-element.ts";
import { textWidth } from "./text-size.ts";

/**
 * Colours (`fill-0`, …) by group, in the order in which they come.
 *
 * @throws RangeError for more groups than there are colours
 */
export function groupColours(names: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const groups = [...new Set(names.map((name) => name ?? ""))];
  if (groups.length > seriesColours) {
    throw new RangeError(
      `${groups.length} groups are too many: there are ${seriesColours} colours`,
    );
  }
  return new Map(groups.map((name, index) => [name, index]));
}

const swatch = 10;
const entryGap = 20;

/** A row of colours and names, in several rows where one is too short; nothing for one group. */
export function legendDrawing(groups: ReadonlyMap<string, number>, top: number): Drawing {
  if (groups.size < 2) return { elements: [], bottom: top };
  const { width, margin, textSize, lineHeight } = chartLayout;
  let [left, line] = [margin, top];
  const named = [...groups].filter(([name]) => name !== "");
  const elements = named.flatMap(([name, colour]) => {
    const room = swatch + 6 + textWidth(name, textSize);
    if (left > margin && left + room > width - margin) [left, line] = [margin, line + lineHeight];
    const x = left;
    left += room + entryGap;
    return [
      element("rect", { class: `fill-${colour}`, x, y: line, width: swatch, height: swatch }),
      textElement("text", { class: "legend", x: x + swatch + 6, y: line + swatch }, name),
    ];
  });
  return { elements, bottom: line + lineHeight + 8 };
}
