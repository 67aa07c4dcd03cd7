import type { Problem } from "../errors.ts";

/** Tells which values of a field that is not supported change nothing, and so are accepted. */
interface Neutral {
  /** For the documentation; `undefined` for none. */
  readonly accepts: string | undefined;
  readonly isNeutral: (value: unknown) => boolean;
}

/** Known fields that are not supported. */
export interface UnsupportedFields {
  readonly neutral: Readonly<Record<string, Neutral>>;
  /** What to do instead, where that is not just to leave the field out. */
  readonly advice: Readonly<Record<string, string>>;
}

/** No value. */
const never: Neutral = { accepts: undefined, isNeutral: () => false };
/** Any value: the field only labels or routes a request at OpenAI. */
const always: Neutral = { accepts: "any", isNeutral: () => true };
const emptyOnly: Neutral = {
  accepts: "empty",
  isNeutral: (value) =>
    typeof value === "object" && value !== null && Object.keys(value).length === 0,
};
/** These values. */
const only = (...values: readonly unknown[]): Neutral => ({
  accepts: values.map((value) => `\`${JSON.stringify(value)}\``).join(", "),
  isNeutral: (value) => values.includes(value),
});

/**
 * Fields of OpenAI's requests that are not supported, and the values that change nothing. `null` counts
 * as not sent. Of those that only label or route a request at OpenAI any value is accepted.
 */
const unsupported: Readonly<Record<string, Neutral>> = {
  best_of: only(1),
  top_logprobs: only(0),
  tools: emptyOnly,
  functions: emptyOnly,
  tool_choice: only("none", "auto"),
  function_call: only("none", "auto"),
  parallel_tool_calls: always,
  // llama.cpp's field; caching a prompt does not change the answer.
  cache_prompt: only(true, false),
  modalities: {
    accepts: '`["text"]`',
    isNeutral: (value) => Array.isArray(value) && value.length === 1 && value[0] === "text",
  },
  audio: never,
  prediction: never,
  web_search_options: never,
  reasoning_effort: only("none"),
  verbosity: only("medium"),
  suffix: only(""),
  echo: only(false),
  user: always,
  metadata: always,
  store: only(false),
  service_tier: only("auto", "default"),
  safety_identifier: always,
  prompt_cache_key: always,
};

/** Those of chat and text completions. */
export const unsupportedInCompletions: UnsupportedFields = {
  neutral: unsupported,
  advice: {
    functions: "is deprecated and not supported here; send `tools`",
    function_call: "is deprecated and not supported here; send `tools` and `tool_choice`",
  },
};

const stateless =
  "is not possible: nothing is kept between requests; send the whole conversation as `input`";

/** Known fields of `POST /v1/responses` that are not supported. */
export const unsupportedInResponses: UnsupportedFields = {
  neutral: {
    store: only(false),
    previous_response_id: never,
    conversation: never,
    background: only(false),
    prompt: never,
    include: {
      accepts: '`["reasoning.encrypted_content"]`',
      isNeutral: (value) =>
        Array.isArray(value) && value.every((each) => each === "reasoning.encrypted_content"),
    },
    reasoning: { accepts: '`{"effort": "none"}`', isNeutral: isNoReasoning },
    truncation: only("disabled"),
    top_logprobs: only(0),
    context_management: emptyOnly,
    moderation: never,
    max_tool_calls: always,
    service_tier: only("auto", "default"),
    user: always,
    safety_identifier: always,
    prompt_cache_key: always,
    prompt_cache_retention: always,
    prompt_cache_options: always,
  },
  advice: {
    store: `${stateless}, and \`store: false\``,
    previous_response_id: stateless,
    conversation: stateless,
    background: "is not possible: an answer comes in the response to its request; leave it out",
    prompt: "is not supported: no prompts are stored here; send `instructions` and `input`",
    include:
      "can hold `reasoning.encrypted_content` only, which this model has none of; leave it out",
    reasoning: "is not supported: this model does not reason apart from its answer; leave it out",
    truncation: 'must be "disabled": nothing is cut out of a conversation here',
  },
};

/** Asks for no reasoning: `{}`, or with an effort of `none`. */
function isNoReasoning(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((each) => each === null || each === "none");
}

/** What is left of a request, and the problems with what was taken out. */
export interface Sifted {
  readonly fields: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Takes out `null`s and fields that are known but not supported, refusing what they ask for.
 *
 * @param supported names of the request's own fields, which stay
 */
export function siftFields(
  input: unknown,
  supported: readonly string[],
  { neutral, advice }: UnsupportedFields,
): Sifted {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { fields: input, problems: [] };
  }
  const sent = Object.entries(input).filter(([, value]) => value !== null);
  const removed = sent.filter(
    ([name]) => Object.hasOwn(neutral, name) && !supported.includes(name),
  );
  const problems = removed
    .filter(([name, value]) => !neutral[name]?.isNeutral(value))
    .map(([path]) => ({
      path,
      message: advice[path] ?? "is not supported here; leave it out",
    }));
  return { fields: Object.fromEntries(sent.filter((entry) => !removed.includes(entry))), problems };
}
