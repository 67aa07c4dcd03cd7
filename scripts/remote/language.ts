/** Characters of English prose, code included. */
const ordinary = /[\p{L}\p{N}\p{P}\p{Z}\p{S}\n\t]/u;

/** Lowest shares of a text that counts as language. */
const limits = { ordinary: 0.98, letters: 0.4, distinctWords: 0.2 } as const;

/** Shorter texts may repeat words. */
const enoughWords = 12;

/**
 * Signs that a text is not language: odd characters, hardly any letters, one word over and over. A
 * wrong kernel writes such text; the fluent nonsense of a small model passes.
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
