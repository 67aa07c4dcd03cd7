/**
 * What a flag's text means, by the rules of C++'s own functions; each throws Error with their words.
 */

/** std::stoi: leading space, a sign, digits; whatever follows is ignored. */
export function integer(value: string): number {
  const number = Number(/^\s*([+-]?\d+)/.exec(value)?.[1] ?? fail("stoi"));
  return number === (number | 0) ? number : fail("stoi");
}

/** std::stoul, cut to 32 bits: -1 is the largest number. */
export function unsigned(value: string): number {
  const digits = /^\s*\+?(-?\d+)/.exec(value)?.[1] ?? fail("stoul");
  return Number(BigInt.asUintN(32, BigInt(digits)));
}

const DECIMAL = /^\s*([+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan))/i;

/** std::stof. */
export function real(value: string): number {
  const text = DECIMAL.exec(value)?.[1] ?? fail("stof");
  return Math.fround(Number(text.toLowerCase().replace(/inf(inity)?/, "Infinity")));
}

/** Ends the reading of a flag with the engine's words. */
export function fail(message: string): never {
  throw new Error(message);
}
