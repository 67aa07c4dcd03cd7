/** Who may speak in a conversation. */
export const chatRoles = ["system", "user", "assistant"] as const;

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: (typeof chatRoles)[number];
  readonly content: string;
}

/**
 * A conversation as prompt text in the template the model was trained with, BOS left to the engine:
 * `System: S<|eot_id|>User: U<|eot_id|>Assistant: `, contents trimmed. Source: chat template of
 * microsoft/bitnet-b1.58-2B-4T and microsoft/BitNet@01eb415:gpu/tokenizer.py (read 2026-11). The
 * templates inside the GGUF and in llama-server differ from it and are wrong.
 */
export function chatPrompt(messages: readonly ChatMessage[]): string {
  return `${messages.map(turn).join("")}Assistant: `;
}

function turn({ role, content }: ChatMessage): string {
  return `${speaker[role]}: ${withoutSpecialTokens(content).trim()}<|eot_id|>`;
}

/** What every conversation under a fixed system prompt begins with. */
export function systemPrefix(systemPrompt: string): string {
  return turn({ role: "system", content: systemPrompt });
}

/** A conversation with the configured system prompt in front, unless it brings its own. */
export function withSystemPrompt(
  messages: readonly ChatMessage[],
  systemPrompt: string | undefined,
): readonly ChatMessage[] {
  if (systemPrompt === undefined || messages.some(({ role }) => role === "system")) return messages;
  return [{ role: "system", content: systemPrompt }, ...messages];
}

const speaker = { system: "System", user: "User", assistant: "Assistant" } as const;

/**
 * Text that no engine reads as a special token, all of which are `<|name|>`: a space behind `<|` makes
 * it plain text. A message could otherwise end its own turn and speak in another role.
 */
function withoutSpecialTokens(text: string): string {
  return text.replaceAll(/<\|(?=[^\s|]+\|>)/g, "<| ");
}
