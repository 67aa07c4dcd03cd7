import * as z from "zod";
import type { Problem } from "../errors.ts";
import { chatRoles } from "../request/chat-prompt.ts";
import { requestInvalid } from "../request/problems.ts";
import { wholeText } from "../request/request.ts";
import { argumentsText, callId, PendingCalls } from "./tools/pending-calls.ts";
import { toolName } from "./tools/tool-definitions.ts";
import type { ConversationItem } from "./tools/tool-prompt.ts";

/** A former call, as an answer has it. */
const callSchema = z.strictObject({
  id: callId,
  type: z.literal("function"),
  function: z.strictObject({
    name: toolName,
    arguments: argumentsText,
    /** OpenAI's client adds its own reading of them. */
    parsed_arguments: z.unknown().optional(),
  }),
  /** Only streams have it; clients that put them together leave it in. */
  index: z.int().optional(),
});

const messageSchema = z.strictObject({
  role: z.enum([...chatRoles, "tool"]),
  content: wholeText,
  tool_calls: z.array(callSchema).optional(),
  tool_call_id: callId.optional(),
});

/** The messages of a chat request, behind `plainMessages`. */
export const openAiMessages = z.array(messageSchema).min(1);

type OpenAiMessage = z.output<typeof messageSchema>;

/**
 * Messages as a conversation.
 *
 * @throws AppError `request-invalid` that lists every call and every result that has no counterpart
 */
export function conversationOf(messages: readonly OpenAiMessage[]): ConversationItem[] {
  const pending = new PendingCalls();
  const misplaced: Problem[] = [];
  const items = messages.map((message, at): ConversationItem => {
    const path = `messages[${at}]`;
    for (const problem of misplacedFields(message, path)) misplaced.push(problem);
    const { role, content, tool_calls = [], tool_call_id } = message;
    if (role === "tool") {
      const name = pending.close(tool_call_id ?? "", `${path}.tool_call_id`);
      return { kind: "result", name, content };
    }
    if (tool_calls.length === 0) return { kind: "message", role, content };
    const calls = tool_calls.map(({ id, function: { name, arguments: text } }) => ({
      id,
      name,
      arguments: text,
    }));
    for (const [each, call] of calls.entries())
      pending.open(call, `${path}.tool_calls[${each}].id`);
    return { kind: "calls", text: content, calls };
  });
  const problems = [...misplaced, ...pending.problems];
  if (problems.length > 0) throw requestInvalid(problems);
  return items;
}

function misplacedFields({ role, tool_calls, tool_call_id }: OpenAiMessage, path: string) {
  return [
    ...(tool_calls !== undefined && role !== "assistant"
      ? [{ path: `${path}.tool_calls`, message: 'is for messages of the role "assistant"' }]
      : []),
    ...(tool_call_id !== undefined && role !== "tool"
      ? [{ path: `${path}.tool_call_id`, message: 'is for messages of the role "tool"' }]
      : []),
  ];
}

/** Messages with plain text as their content, and what could not be made so. */
export interface PlainMessages {
  readonly messages: unknown;
  readonly problems: readonly Problem[];
}

/** Fields of a message that name the speaker or repeat what an answer had: nothing to the model. */
const silentFields = ["refusal", "annotations", "audio", "tool_calls", "function_call"];

/**
 * OpenAI's messages with text as their content: contents in parts are joined, `developer` is `system`,
 * an answer of ours can be sent back as it is. What is not understood is left for the schema to refuse.
 */
export function plainMessages(messages: unknown): PlainMessages {
  if (!Array.isArray(messages)) return { messages, problems: [] };
  const problems: Problem[] = [];
  const plain = messages.map((message, at) => {
    if (typeof message !== "object" || message === null) return message;
    const fields = Object.entries(message).filter(([name, value]) => !isSilent(name, value));
    const { role, content, ...others } = Object.fromEntries(fields);
    const text = plainContent(content, `messages[${at}].content`, ["text"]);
    for (const problem of text.problems) problems.push(problem);
    // Beside calls the content may be missing.
    const isCall = "tool_calls" in others && (content === null || content === undefined);
    return {
      ...others,
      role: role === "developer" ? "system" : role,
      content: isCall ? "" : text.content,
    };
  });
  return { messages: plain, problems };
}
function isSilent(name: string, value: unknown): boolean {
  if (name === "name") return typeof value === "string" || value === null;
  // OpenAI's client adds the parsed content to the messages it keeps.
  if (name === "parsed") return true;
  const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
  return isEmpty && silentFields.includes(name);
}

/**
 * A content in parts as one text.
 *
 * @param types those of text parts
 */
export function plainContent(content: unknown, path: string, types: readonly string[]) {
  if (!Array.isArray(content)) return { content, problems: [] };
  const isTextPart = textPartOf(types);
  const problems = content.flatMap((part, at) => {
    const message = `must be a text part: {"type":"${types[0]}","text":"…"}`;
    return isTextPart(part) ? [] : [{ path: `${path}[${at}]`, message }];
  });
  return {
    content: content
      .filter(isTextPart)
      .map(({ text }) => text)
      .join(""),
    problems,
  };
}

function textPartOf(types: readonly string[]) {
  return (part: unknown): part is { readonly text: string } => {
    if (typeof part !== "object" || part === null) return false;
    const { type, text } = part as { type?: unknown; text?: unknown };
    return types.some((each) => each === type) && typeof text === "string";
  };
}
