import { type EChartsOption, init, type SeriesOption, type TitleComponentOption } from "echarts";
import { escapeXml } from "../escape-xml.ts";
import { numberText } from "../number-text.ts";
import { darkStyle, neutral } from "./palette.ts";

/** The words around a chart. */
export interface ChartTexts {
  /** What is shown, in one line. */
  readonly title: string;
  /** The main result with its figures, for readers who cannot see the picture. */
  readonly description: string;
  /** Where the figures come from, below the chart. */
  readonly source: string;
}

/** A chart without the words around it. */
interface Plot extends Required<Pick<EChartsOption, "xAxis" | "yAxis">> {
  /** What the values are, and how to read them; below the title. */
  readonly explanation: string;
  readonly height: number;
  /** Pixels below the plot for the axis, its labels and its name. */
  readonly axisHeight: number;
  /** Pixels right of the plot for numbers or names. */
  readonly rightWidth: number;
  readonly series: readonly SeriesOption[];
}

/** Pixels and fonts that all charts share. */
export const chartLayout = { width: 760, margin: 16, textSize: 12, lineHeight: 16 } as const;

const fontStyle =
  'text{font:12px -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}';
const titleSize = 15;
const titleLineHeight = 20;

/** Characters of a line that surely fit into the width. */
const titleCharacters = 84;
const textCharacters = 112;

/**
 * Renders a chart as an SVG file with its own background, readable in light and dark mode. The same
 * data give the same text.
 */
export function chartSvg(texts: ChartTexts, plot: Plot): string {
  const { width, margin, textSize: fontSize, lineHeight } = chartLayout;
  const { height, axisHeight, rightWidth, xAxis, yAxis } = plot;
  const title = wrapped(texts.title, titleCharacters);
  const explanation = wrapped(plot.explanation, textCharacters);
  const source = wrapped(texts.source, textCharacters);
  const explanationTop = margin + title.length * titleLineHeight;
  const top = explanationTop + explanation.length * lineHeight + margin;
  const sourceTop = top + height + axisHeight + margin / 2;
  const titleStyle = {
    fontSize: titleSize,
    fontWeight: "bold",
    lineHeight: titleLineHeight,
  } as const;
  const heading = { ...titleStyle, color: neutral.text.light };
  const plain = { fontSize, fontWeight: "normal", lineHeight, color: neutral.muted.light } as const;
  const side = { left: margin, right: margin + rightWidth };
  const outerBounds = { ...side, top: 0, bottom: 0 };
  const option: EChartsOption = {
    animation: false,
    backgroundColor: neutral.background.light,
    xAxis,
    yAxis,
    series: [...plot.series],
    grid: { ...side, outerBounds, outerBoundsContain: "axisLabel", top, height },
    title: [
      textBlock(title, margin, heading),
      textBlock(explanation, explanationTop, plain),
      textBlock(source, sourceTop, plain),
    ],
  };
  return finished(texts, render(option, width, sourceTop + source.length * lineHeight + margin));
}

/** The look of an axis of numbers. */
export function valueAxis() {
  const { textSize } = chartLayout;
  return {
    axisLabel: {
      color: neutral.muted.light,
      fontSize: textSize,
      formatter: (value: number) => numberText(value),
    },
    axisLine: { show: true, lineStyle: { color: neutral.muted.light } },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: neutral.grid.light } },
  };
}

function textBlock(
  lines: readonly string[],
  top: number,
  textStyle: NonNullable<TitleComponentOption["textStyle"]>,
): TitleComponentOption {
  const { margin: left } = chartLayout;
  return { text: lines.join("\n"), left, top, padding: 0, textStyle };
}

function render(option: EChartsOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Lines of at most so many characters. */
function wrapped(text: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const longer = [...lines.slice(-1), word].join(" ");
    if (lines.length > 0 && longer.length <= characters) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Takes out what only a live page needs, and adds the words for readers and the dark colours. */
function finished({ title, description }: ChartTexts, svg: string): string {
  const still = svg
    .replaceAll(/font: normal (\w+) 12px sans-serif/g, "font-weight:$1;")
    .replaceAll(/font-(?:size:12px|family:[^;"]*|weight:normal);/g, "")
    .replaceAll(/ (?:style=""|class="zr[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="[^"]*")/g, "")
    .replaceAll(/<style >[\s\S]*?<\/style>\n?/g, "")
    // The number in a clip path's name counts the charts that this process has drawn.
    .replaceAll(/\bzr\d+-/g, "clip-");
  const start = still.indexOf(">") + 1;
  return [
    still.slice(0, start).replace("<svg", '<svg role="img"'),
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description)}</desc>`,
    `<style>${fontStyle}${darkStyle()}</style>`,
    `${still.slice(start).trim()}\n`,
  ].join("\n");
}
