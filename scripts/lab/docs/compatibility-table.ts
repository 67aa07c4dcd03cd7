import { chatFields } from "../../../runtime/openai/chat-request.ts";
import { completionFields } from "../../../runtime/openai/completion-request.ts";
import { responsesFields } from "../../../runtime/openai/responses/responses-request.ts";
import {
  type UnsupportedFields,
  unsupportedInCompletions,
  unsupportedInResponses,
} from "../../../runtime/openai/unsupported-fields.ts";
import { markdownTable } from "../../cli/markdown-table.ts";

/** A route's fields: those it takes, and those of OpenAI's that it refuses. */
interface RouteFields {
  readonly taken: readonly string[];
  readonly unsupported: UnsupportedFields;
}

const routes: readonly RouteFields[] = [
  { taken: chatFields, unsupported: unsupportedInCompletions },
  { taken: completionFields, unsupported: unsupportedInCompletions },
  { taken: responsesFields, unsupported: unsupportedInResponses },
];

/** Each field of OpenAI's routes by route, from the schemas and tables that check requests. */
export function compatibilityTable(): string {
  const names = new Set(
    routes.flatMap(({ taken, unsupported }) => [...taken, ...Object.keys(unsupported.neutral)]),
  );
  const rows = [...names]
    .toSorted()
    .map((name) => [`\`${name}\``, ...routes.map((route) => cell(route, name)), adviceOn(name)]);
  return markdownTable(["field", "chat", "completions", "Responses", "instead"], rows);
}

function cell({ taken, unsupported }: RouteFields, name: string): string {
  if (taken.includes(name)) return "yes";
  const neutral = unsupported.neutral[name];
  if (neutral === undefined) return "unknown";
  if (neutral.accepts === undefined) return "no";
  return neutral.accepts === "any" ? "no effect" : `${neutral.accepts} only`;
}

function adviceOn(name: string): string {
  const advice = routes.flatMap(({ taken, unsupported }) =>
    taken.includes(name) ? [] : (unsupported.advice[name] ?? []),
  );
  return [...new Set(advice)].join("; ");
}
