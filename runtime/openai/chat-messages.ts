import type { Problem } from "../errors.ts";

/** Messages with plain text as their content, and what could not be made so. */
export interface PlainMessages {
  readonly messages: unknown;
  readonly problems: readonly Problem[];
}

/** Roles under another name. */
const otherRoles = new Map<unknown, string>([["developer", "system"]]);

/** Fields of a message that name the speaker or repeat what an answer had: nothing to the model. */
const silentFields = ["name", "refusal", "annotations", "audio", "tool_calls", "function_call"];

/**
 * OpenAI's messages as role and text: contents in parts are joined, `developer` is `system`, an
 * answer of ours can be sent back as it is. What is not understood is left for the schema to refuse.
 */
export function plainMessages(messages: unknown): PlainMessages {
  if (!Array.isArray(messages)) return { messages, problems: [] };
  const problems: Problem[] = [];
  const plain = messages.map((message, at) => {
    if (typeof message !== "object" || message === null) return message;
    const fields = Object.entries(message).filter(([name, value]) => !isSilent(name, value));
    const { role, content, ...others } = Object.fromEntries(fields);
    const text = plainContent(content, `messages[${at}].content`);
    for (const problem of text.problems) problems.push(problem);
    return { ...others, role: otherRoles.get(role) ?? role, content: text.content };
  });
  return { messages: plain, problems };
}

function isSilent(name: string, value: unknown): boolean {
  if (name === "name") return typeof value === "string";
  const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
  return isEmpty && silentFields.includes(name);
}

function plainContent(content: unknown, path: string) {
  if (!Array.isArray(content)) return { content, problems: [] };
  const problems = content.flatMap((part, at) =>
    isTextPart(part)
      ? []
      : [{ path: `${path}[${at}]`, message: 'must be a text part: {"type":"text","text":"…"}' }],
  );
  return {
    content: content
      .filter(isTextPart)
      .map(({ text }) => text)
      .join(""),
    problems,
  };
}

function isTextPart(part: unknown): part is { readonly text: string } {
  if (typeof part !== "object" || part === null) return false;
  const { type, text } = part as { type?: unknown; text?: unknown };
  return type === "text" && typeof text === "string";
}
