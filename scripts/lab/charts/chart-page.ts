import { element, textElement } from "./svg-element.ts";
import { wrappedText } from "./text-size.ts";

/** What every chart has around its drawing. */
export interface ChartTexts {
  /** What is shown, in one line. */
  readonly title: string;
  /** What someone who cannot see the picture should know: the main result, with its figures. */
  readonly description: string;
}

/** Pixels that all charts have in common. */
export const chartLayout = {
  width: 760,
  margin: 16,
  textSize: 12,
  lineHeight: 16,
  titleSize: 15,
  titleHeight: 20,
} as const;

/** How many series have a colour of their own. */
export const seriesColours = 6;

/** A drawing below the headings: its elements, made when it is known where they may begin. */
export interface Drawing {
  readonly elements: readonly string[];
  /** Pixels from the top of the picture to the lowest one drawn. */
  readonly bottom: number;
}

/**
 * A whole SVG file: background, title, a line that explains, drawing. It refers to nothing outside
 * itself, runs nothing, and follows the reader's colour scheme; because the background is painted,
 * it can be read on any page.
 *
 * @param explanation units, and what bars and whiskers are
 */
export function chartPage(
  { title, description }: ChartTexts,
  explanation: string,
  draw: (top: number) => Drawing,
): string {
  const { width, margin, textSize, lineHeight, titleSize, titleHeight } = chartLayout;
  const room = width - 2 * margin;
  const titles = wrappedText(title, room, titleSize);
  const explanations = wrappedText(explanation, room, textSize);
  const titleBottom = margin + titles.length * titleHeight;
  const { elements, bottom } = draw(titleBottom + explanations.length * lineHeight + 12);
  const height = Math.ceil(bottom + margin);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    textElement("title", {}, title),
    textElement("desc", {}, description),
    `<style>${style}</style>`,
    element("rect", { class: "background", width, height, rx: 6 }),
    ...titles.map((line, index) =>
      textElement(
        "text",
        { class: "title", x: margin, y: margin + titleSize + index * titleHeight - 1 },
        line,
      ),
    ),
    ...explanations.map((line, index) =>
      textElement(
        "text",
        { class: "muted", x: margin, y: titleBottom + textSize + index * lineHeight },
        line,
      ),
    ),
    ...elements,
    "</svg>",
    "",
  ].join("\n");
}

interface Scheme {
  readonly background: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  /** One for each of {@link seriesColours}, each told apart from the background at 3 : 1 or better. */
  readonly series: readonly string[];
}

const light: Scheme = {
  background: "#ffffff",
  text: "#1f2328",
  muted: "#59636e",
  grid: "#d8dee4",
  series: ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#bf3989", "#6e7781"],
};

const dark: Scheme = {
  background: "#0d1117",
  text: "#e6edf3",
  muted: "#9198a1",
  grid: "#2f353d",
  series: ["#4493f8", "#f0883e", "#3fb950", "#ab7df8", "#f778ba", "#9198a1"],
};

const style = [
  `text{font:${chartLayout.textSize}px -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}`,
  `.title{font-size:${chartLayout.titleSize}px;font-weight:600}`,
  ".middle{text-anchor:middle}.right{text-anchor:end}",
  ".line,.grid,.whisker,.leader,.reference,.axis{fill:none}",
  ".leader{stroke-dasharray:1 3}.grid,.axis,.leader{stroke-width:1}.line{stroke-width:2;stroke-linejoin:round}",
  ".reference{stroke-width:1.5;stroke-dasharray:6 4}.dashed{stroke-dasharray:2 4;stroke-linecap:round}",
  ".whisker{stroke-width:1.5}.mark{stroke-width:2;fill:none}",
  // Letters keep a rim of the background, so that a line behind them does not strike them out.
  ".over{paint-order:stroke;stroke-width:4;stroke-linejoin:round}",
  schemeStyle(light),
  `@media (prefers-color-scheme:dark){${schemeStyle(dark)}}`,
].join("");

function schemeStyle({ background, text, muted, grid, series }: Scheme): string {
  return [
    `text{fill:${text}}.muted{fill:${muted}}.background{fill:${background}}`,
    `.grid{stroke:${grid}}.axis,.reference{stroke:${muted}}`,
    `.whisker,.mark{stroke:${text}}.over{stroke:${background}}`,
    ...series.map(
      (colour, index) => `.fill-${index}{fill:${colour}}.stroke-${index}{stroke:${colour}}`,
    ),
  ].join("");
}
