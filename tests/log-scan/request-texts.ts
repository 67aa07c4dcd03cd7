/** Members whose texts are a caller's own, whatever is inside. */
const ownMembers = ["prompt", "messages", "stop", "grammar", "json_schema", "response_format"];

/** Members inside them that hold words of the contract. */
const contractMembers = ["role", "type", "model"];

/** The texts in a request; none in what is no request. */
export function requestTexts(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (!("prompt" in value || "messages" in value)) return [];
  return Object.entries(value)
    .filter(([name]) => ownMembers.includes(name))
    .flatMap(([, member]) => textsIn(member));
}

/** The texts in an answer, whole or a piece of one; none in what is no answer. */
export function answerTexts(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("choices" in value) return textsIn(value.choices);
  return "content" in value && typeof value.content === "string" ? [value.content] : [];
}

/** Deeper is nothing that the runtime would take, and tests send it all the same. */
const deepest = 256;

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || depth > deepest) return [];
  return Object.entries(value)
    .filter(([name]) => !contractMembers.includes(name))
    .flatMap(([, member]) => textsIn(member, depth + 1));
}
