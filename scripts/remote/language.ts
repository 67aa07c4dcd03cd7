/** Characters of English prose, code included. */
const ordinary = /[\p{L}\p{N}\p{P}\p{Z}\p{S}\n\t]/u;

/** Share of characters, words or repetitions that tells language from noise. */
const limits = { ordinary: 0.98, letters: 0.4, distinctWords: 0.2 } as const;

/** Words from which repetition means something. */
const enoughWords = 12;

/**
 * What speaks against a text being language: odd characters, hardly any letters, one word over and
 * over. A wrong kernel writes such text; a small model's plain nonsense passes.
 */
export function languageProblems(text: string): string[] {
  const characters = [...text];
  const share = (pattern: RegExp) =>
    characters.filter((character) => pattern.test(character)).length / characters.length;
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  if (text.trim() === "") return ["no text"];
  return [
    ...(share(ordinary) < limits.ordinary ? ["odd characters"] : []),
    ...(share(/\p{L}/u) < limits.letters ? ["hardly any letters"] : []),
    ...(words.length >= enoughWords && new Set(words).size / words.length < limits.distinctWords
      ? ["the same words over and over"]
      : []),
  ];
}
