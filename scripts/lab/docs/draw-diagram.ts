import { instance } from "@viz-js/viz";

/**
 * The SVG of a graph in Graphviz's language. The style sheet overrides Graphviz's colours; its rules
 * select the graph's classes.
 */
export async function drawDiagram(dot: string, styleSheet: string): Promise<string> {
  const graphviz = await instance();
  const svg = graphviz.renderString(dot, { format: "svg" });
  return svg
    .slice(svg.indexOf("<svg"))
    .replace('<g id="graph0"', `<style>\n${styleSheet}</style>\n$&`)
    .replaceAll('font-family="Helvetica"', 'font-family="Helvetica,Arial,sans-serif"');
}
