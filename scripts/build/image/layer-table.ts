import type { ImageLayer } from "./layer-report.ts";

/** The layers of an image as lines for people: size, number of files, and which they are. */
export function layerTable(layers: readonly ImageLayer[]): string {
  const rows = layers.map(({ bytes, files }) => {
    const shown = files.length <= 3 ? files.join(" ") : `${files.length} files`;
    return `${megabytes(bytes)}  ${shown}`;
  });
  const total = layers.reduce((sum, { bytes }) => sum + bytes, 0);
  return [...rows, `${megabytes(total)}  in all`].join("\n");
}

/** Bytes as megabytes with three digits behind the point, so that a handler is not nothing. */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(3).padStart(10)} MB`;
}
