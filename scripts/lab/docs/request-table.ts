import { chatRoles } from "../../../runtime/request/chat-prompt.ts";
import { requestFields, textBounds } from "../../../runtime/request/request.ts";
import { samplingRows } from "../../../runtime/request/sampling-parameters.ts";
import { markdownTable } from "../../cli/markdown-table.ts";

const roles = chatRoles.map((role) => `"${role}"`).join("|");

/** A field's row: what is allowed, the default, and what the field is for. */
type Cells = readonly [allowed: string, byDefault: string, meaning: string];

/** The fields that are no sampling parameter. */
const others: Readonly<Record<string, Cells>> = {
  prompt: [
    `text, up to ${textBounds.promptBytes / 1024} KiB of UTF-8`,
    "",
    "passed to the model as it is",
  ],
  messages: [
    `\`[{"role": ${roles}, "content": "…"}]\``,
    "",
    "rendered in the model's chat template",
  ],
  stop: [
    `up to ${textBounds.stops} texts of up to ${textBounds.stopLength} characters`,
    "none",
    "ends the answer; not part of it",
  ],
  json_schema: ["a JSON schema", "none", "the answer is JSON of this shape"],
  grammar: [
    `GBNF, up to ${textBounds.grammarLength / 1024} Ki characters`,
    "none",
    "the answer matches it; not with `json_schema`",
  ],
  ignore_eos: ["`true`, `false`", "`false`", "go on to `n_predict` tokens; not with a grammar"],
  logit_bias: [
    '`{"TOKEN_ID": -100 … 100}`, up to 1,024',
    "none",
    "added to the scores of these tokens; -100 forbids, 100 forces",
  ],
  stream: ["`true`, `false`", "`false`", "HTTP only: the answer in pieces"],
};

const sampling: Readonly<Record<string, Cells>> = Object.fromEntries(
  samplingRows.map(([name, row]) => {
    const range = row.isMinimumExclusive
      ? `above ${row.minimum}, up to ${row.maximum}`
      : `${row.minimum} to ${row.maximum}`;
    const byDefault =
      row.default === undefined ? "random, returned in the answer" : `${row.default}`;
    return [name, [range, byDefault, row.meaning]];
  }),
);

/** The fields of a request as a Markdown table. @throws Error for a field that is not described */
export function requestTable(): string {
  const rows = requestFields.map((field) => {
    const cells = sampling[field] ?? others[field];
    if (cells === undefined) {
      throw new Error(`scripts/lab/docs/request-table.ts does not describe the field ${field} yet`);
    }
    return [`\`${field}\``, ...cells];
  });
  return markdownTable(["field", "allowed", "default", ""], rows);
}
