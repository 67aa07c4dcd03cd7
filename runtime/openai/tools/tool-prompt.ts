import { type ChatMessage, withSystemPrompt } from "../../request/chat-prompt.ts";
import type { ToolDefinition } from "./tool-definitions.ts";

/** A call of a tool in a conversation. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text of an object. */
  readonly arguments: string;
}

/** One item of a conversation in which tools may have been called. */
export type ConversationItem =
  | ({ readonly kind: "message" } & ChatMessage)
  /** The assistant's calls, behind what it said. */
  | { readonly kind: "calls"; readonly text: string; readonly calls: readonly ToolCall[] }
  | { readonly kind: "result"; readonly name: string; readonly content: string };

/** What a prompt is written from. */
export interface ToolConversation {
  readonly items: readonly ConversationItem[];
  /** The tools that the model is told of. */
  readonly tools?: readonly ToolDefinition[];
  /** For conversations without a system message. */
  readonly systemPrompt?: string | undefined;
}

/**
 * A conversation with tools as turns of the model's chat template, which knows none:
 *
 * - the tools stand at the end of the first system message, each as a line of JSON with name,
 *   description and parameters;
 * - former calls are an assistant's turn, written as the model writes them:
 *   `[{"name": "NAME", "arguments": {…}}]`;
 * - a result is a user's turn: `Result of NAME: …`.
 *
 * All of it is the content of turns, in which `chatPrompt` breaks up special tokens: nothing in a
 * tool's description, schema, arguments or result can end a turn.
 */
export function toolTurns({ items, tools = [], systemPrompt }: ToolConversation): ChatMessage[] {
  const turns = withSystemPrompt(items.map(turnOf), systemPrompt);
  return withTools(turns, tools);
}

function turnOf(item: ConversationItem): ChatMessage {
  switch (item.kind) {
    case "message":
      return { role: item.role, content: item.content };
    case "calls":
      return { role: "assistant", content: [item.text, callsText(item.calls)].join("\n").trim() };
    case "result":
      return { role: "user", content: `Result of ${item.name}: ${item.content}` };
  }
}

/** Calls as the model writes them. The arguments are as they were sent: they may be its own. */
function callsText(calls: readonly ToolCall[]): string {
  const texts = calls.map((call) => `{"name": "${call.name}", "arguments": ${call.arguments}}`);
  return `[${texts.join(", ")}]`;
}

function withTools(turns: readonly ChatMessage[], tools: readonly ToolDefinition[]): ChatMessage[] {
  if (tools.length === 0) return [...turns];
  const system = turns.find(({ role }) => role === "system") ?? { role: "system", content: "" };
  const content = `${system.content}\n\n${toolsText(tools)}`.trim();
  const told: ChatMessage = { role: "system", content };
  if (!turns.includes(system)) return [told, ...turns];
  return turns.map((turn) => (turn === system ? told : turn));
}

/** What the model is told of its tools; nothing when there are none. */
export function toolsText(tools: readonly ToolDefinition[]): string {
  if (tools.length === 0) return "";
  return [
    "You can call these functions:",
    ...tools.map(({ name, description, parameters }) =>
      JSON.stringify({ name, description, parameters }),
    ),
    'To call, answer with a JSON array of calls and nothing else: [{"name": "NAME", "arguments": {…}}]',
    "The next turn then holds the result. Else answer in text.",
  ].join("\n");
}
