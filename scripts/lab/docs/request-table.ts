import { chatRoles } from "../../../runtime/request/chat-prompt.ts";
import {
  type NumberBounds,
  numberBounds,
  requestFields,
  textBounds,
} from "../../../runtime/request/request.ts";
import { markdownTable } from "../../cli/markdown-table.ts";

/** What no bound says: what a field is for. */
const purposes: Readonly<Record<string, string>> = {
  prompt: "passed to the model as it is",
  messages: "rendered in the model's chat template",
  n_predict: "tokens to generate at most",
  temperature: "0 takes the best token each time",
  top_p: "keep the likeliest tokens that make up this share; 1 is off",
  top_k: "keep this many tokens; 0 is off",
  repeat_penalty: "on the last 64 tokens; 1 is off",
  min_p: "drop tokens below this share of the best; 0 is off",
  seed: "same seed, same text",
  stop: "ends the answer; not part of it",
  json_schema: "the answer is JSON of this shape",
  grammar: "the answer matches it; not with `json_schema`",
  stream: "HTTP only: the answer in pieces",
};

const roles = chatRoles.map((role) => `"${role}"`).join("|");

/** What a field that is not a number may be, and its default. */
const others: Readonly<Record<string, readonly [allowed: string, byDefault: string]>> = {
  prompt: [`text, up to ${textBounds.promptBytes / 1024} KiB of UTF-8`, ""],
  messages: [`\`[{"role": ${roles}, "content": "…"}]\``, ""],
  stop: [`up to ${textBounds.stops} texts of up to ${textBounds.stopLength} characters`, "none"],
  json_schema: ["a JSON schema", "none"],
  grammar: [`GBNF, up to ${textBounds.grammarLength / 1024} Ki characters`, "none"],
  stream: ["`true`, `false`", "`false`"],
};

/** The fields of a request, from its bounds. @throws Error for a field that nobody has described */
export function requestTable(): string {
  const rows = requestFields.map((field) => {
    const purpose = purposes[field];
    const [allowed, byDefault] = numberCells(field) ?? others[field] ?? [];
    if (purpose === undefined || allowed === undefined || byDefault === undefined) {
      throw new Error(`scripts/lab/docs/request-table.ts does not describe the field ${field} yet`);
    }
    return [`\`${field}\``, allowed, byDefault, purpose];
  });
  return markdownTable(["field", "allowed", "default", ""], rows);
}

function numberCells(field: string): readonly [string, string] | undefined {
  if (!(field in numberBounds)) return undefined;
  const bounds: NumberBounds = numberBounds[field as keyof typeof numberBounds];
  const range = bounds.isMinimumExclusive
    ? `above ${bounds.minimum}, up to ${bounds.maximum}`
    : `${bounds.minimum} to ${bounds.maximum}`;
  return [range, bounds.default === undefined ? "random, told in the answer" : `${bounds.default}`];
}
