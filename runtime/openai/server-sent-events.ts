/** A value as one server-sent event. */
export function sseEvent(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** What OpenAI's streams end with when all went well. */
export const sseDone = "data: [DONE]\n\n";
