/**
 * How wide characters are, in parts of the font's size, as DejaVu Sans has them: the widest of the
 * fonts that stand for "the system's", so that a text takes no more room than it is given.
 */
const widths = [
  [/[ilj.,:;'|!()[\]]/, 0.39],
  [/[ftrI/\-\\ ·]/, 0.42],
  [/[mwMWQ@%+=<>~→—]/, 0.99],
  [/[A-Z&]/, 0.78],
  [/[\u0020-\u02ff]/, 0.64],
] as const;

const widest = 1.05;

/** Pixels that a line of text takes at most, at this font size. */
export function textWidth(text: string, size: number): number {
  const sum = [...text].reduce((total, character) => total + characterWidth(character), 0);
  return sum * size;
}

function characterWidth(character: string): number {
  return widths.find(([pattern]) => pattern.test(character))?.[1] ?? widest;
}

/** Pixels that the widest of these texts takes at most; 0 without any. */
export function widestText(texts: readonly string[], size: number): number {
  return Math.max(0, ...texts.map((text) => textWidth(text, size)));
}

/** A text in lines of at most this many pixels; a word that is wider than a line is cut. */
export function wrappedText(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((part) => pieces(part, width, size))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (textWidth(longer, size) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].filter((one, index) => one !== "" || index === 0);
}

/** A word, in pieces when it is wider than a line. */
function pieces(word: string, width: number, size: number): string[] {
  const parts = [""];
  for (const character of word) {
    const last = parts.length - 1;
    const longer = `${parts[last]}${character}`;
    if (textWidth(longer, size) <= width || parts[last] === "") parts[last] = longer;
    else parts.push(character);
  }
  return parts;
}
