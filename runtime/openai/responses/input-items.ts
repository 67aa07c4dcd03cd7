import * as z from "zod";
import type { Problem } from "../../errors.ts";
import { chatRoles } from "../../request/chat-prompt.ts";
import { requestInvalid } from "../../request/problems.ts";
import { wholeText } from "../../request/request.ts";
import { plainContent } from "../chat-messages.ts";
import { argumentsText, callId, PendingCalls } from "../tools/pending-calls.ts";
import { toolName } from "../tools/tool-definitions.ts";
import type { ConversationItem } from "../tools/tool-prompt.ts";

const itemSchema = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("message"), role: z.enum(chatRoles), content: wholeText }),
    z.strictObject({
      type: z.literal("function_call"),
      call_id: callId,
      name: toolName,
      arguments: argumentsText,
    }),
    z.strictObject({
      type: z.literal("function_call_output"),
      call_id: callId,
      output: wholeText,
    }),
  ],
  {
    error:
      'must be "message", "function_call" or "function_call_output"; nothing else is supported',
  },
);

/** The `input` of a request, behind {@link plainInput}. */
export const inputItems = z.array(itemSchema).min(1);

type InputItem = z.output<typeof itemSchema>;

/** Fields that an item of an answer has when it is sent back: nothing to the model. */
const silentFields = ["id", "status", "phase", "parsed_arguments"];

/** `type` of the parts that are text. */
const textTypes = ["input_text", "output_text"];

/**
 * `input` as a list of items with text as their content: text alone is a user's message, an item
 * without a type is a message, an answer's items can be sent back as they are.
 */
export function plainInput(input: unknown): { input: unknown; problems: readonly Problem[] } {
  if (!Array.isArray(input)) {
    const isText = typeof input === "string";
    const message = "must be text, or an array of items";
    return {
      input: [{ type: "message", role: "user", content: isText ? input : "" }],
      problems: isText ? [] : [{ path: "input", message }],
    };
  }
  const problems: Problem[] = [];
  const items = input.map((item, at) => {
    if (typeof item !== "object" || item === null) return item;
    const sent = Object.entries(item).filter(
      ([name, value]) => value !== null && !silentFields.includes(name),
    );
    const fields = Object.fromEntries(sent);
    for (const name of ["content", "output"]) {
      const text = plainContent(fields[name], `input[${at}].${name}`, textTypes);
      if (name in fields) fields[name] = text.content;
      for (const problem of text.problems) problems.push(problem);
    }
    if (fields.role === "developer") fields.role = "system";
    return { ...("role" in fields && { type: "message" }), ...fields };
  });
  return { input: items, problems };
}

/**
 * Input items as a conversation; calls behind each other are one turn.
 *
 * @throws AppError `request-invalid` that lists every call and every output that has no counterpart
 */
export function conversationOf(input: readonly InputItem[]): ConversationItem[] {
  const pending = new PendingCalls();
  const items: ConversationItem[] = [];
  for (const [at, item] of input.entries()) {
    const path = `input[${at}].call_id`;
    if (item.type === "message") {
      items.push({ kind: "message", role: item.role, content: item.content });
    } else if (item.type === "function_call_output") {
      items.push({ kind: "result", name: pending.close(item.call_id, path), content: item.output });
    } else {
      const call = { id: item.call_id, name: item.name, arguments: item.arguments };
      pending.open(call, path);
      const last = items.at(-1);
      const before = last?.kind === "calls" ? last.calls : [];
      if (last?.kind === "calls") items.pop();
      items.push({ kind: "calls", text: "", calls: [...before, call] });
    }
  }
  if (pending.problems.length > 0) throw requestInvalid(pending.problems);
  return items;
}
