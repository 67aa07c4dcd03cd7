import { always, emptyOnly, never, only, type UnsupportedFields } from "../unsupported-fields.ts";

const stateless =
  "is not possible: nothing is kept between requests; send the whole conversation as `input`";

/** Values of `include` that add nothing to answers of this model. */
const emptyInclusions: readonly unknown[] = ["reasoning.encrypted_content"];

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
        Array.isArray(value) && value.every((each) => emptyInclusions.includes(each)),
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
