import { stripVTControlCharacters } from "node:util";

/** Lines of a failure's message that are told, and characters of them. */
const toldLines = 4;
const toldCharacters = 400;

/** A failed test's message in one line: what was expected and what came, no colours, no stack. */
export function failureText(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("●"));
  const stack = lines.findIndex((line) => line.startsWith("at "));
  const told = lines.slice(0, stack === -1 ? toldLines : Math.min(stack, toldLines)).join(" ");
  return told.length > toldCharacters ? `${told.slice(0, toldCharacters)}…` : told;
}
