import * as fc from "fast-check";
import { textBounds } from "../../../runtime/request/request.ts";
import {
  type NumberBounds,
  samplingParameters,
} from "../../../runtime/request/sampling-parameters.ts";
import { anyGrammar, anySchema, validGrammar, validSchema } from "./constraints.ts";
import {
  type Json,
  jsonList,
  jsonObject,
  type Member,
  oneOf,
  quoted,
  value,
  wholeText,
} from "./json.ts";

const { n_predict, ...shared } = samplingParameters;
/** Agents ask for more tokens than there can be; they are bounded, not refused. */
const tokens = { ...n_predict, maximum: 2 ** 31 - 1 };
const openAiBounds: Readonly<Record<string, NumberBounds>> = { ...shared, max_tokens: tokens };

/** What a request is checked against: its route, and the fields that differ. */
export const contracts = {
  direct: { path: "/completion", bounds: samplingParameters, asksBy: ["prompt", "messages"] },
  chat: { path: "/v1/chat/completions", bounds: openAiBounds, asksBy: ["messages"] },
  completion: { path: "/v1/completions", bounds: openAiBounds, asksBy: ["prompt"] },
  responses: {
    path: "/v1/responses",
    bounds: { ...shared, max_output_tokens: tokens },
    asksBy: ["input"],
  },
} as const;
export type Contract = keyof typeof contracts;
export const contractNames = Object.keys(contracts) as Contract[];

/** What its contract makes of a request; "either" where the generator does not know. */
export type Expectation = "answer" | "refusal" | "either";

/** A request's body. */
export interface RequestBody {
  readonly json: Json;
  readonly expected: Expectation;
}

const member = (name: string, json: fc.Arbitrary<Json>): fc.Arbitrary<Member> =>
  fc.tuple(fc.constant(name), json);

/** Numbers in bounds, the bounds themselves among them. */
function validNumber({ isInteger, minimum, isMinimumExclusive, maximum: max }: NumberBounds) {
  const min = isMinimumExclusive ? Number.MIN_VALUE : minimum;
  const inside = isInteger ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  return fc
    .oneof(inside, fc.constantFrom(min, max))
    .map((number) => (Object.is(number, -0) ? "-0" : JSON.stringify(number)));
}

/** Numbers out of bounds, if only just, and what is no number. */
function invalidNumber({ isInteger, minimum, isMinimumExclusive, maximum }: NumberBounds) {
  const step = isInteger ? 1 : 1e-6;
  return fc.constantFrom(
    ...[minimum - step, maximum + step, minimum - 1, 1e300].map(String),
    ...(isMinimumExclusive ? ["0", "-0"] : []),
    ...(isInteger ? ["1.5"] : []),
    ...'1e400 -1e400 true "1" [1] {} {"valueOf":1,"toString":1}'.split(" "),
  );
}

const message = fc
  .tuple(fc.constantFrom("system", "user", "assistant"), quoted(wholeText))
  .map(([role, content]) => `{"role":"${role}","content":${content}}`);
const stopText = wholeText.map((any) => any.slice(0, 200).toWellFormed() || "x");

const someMessages = fc.array(message, { minLength: 1, maxLength: 5 }).map(jsonList);

const validFields = {
  prompt: quoted(wholeText.map((any) => any || "Hi")),
  messages: someMessages,
  input: fc.oneof(quoted(wholeText), someMessages),
  stop: fc.array(quoted(stopText), { maxLength: textBounds.stops }).map(jsonList),
};

const invalidFields = {
  prompt: oneOf(String.raw`"" 7 {} "\udc00" [] ["a","b"] true`),
  messages: fc.oneof(
    oneOf('[] {} "Hi" [1] [[]] [{"role":"user"}] [{"content":"Hi"}]'),
    oneOf(String.raw`[{"role":"robot","content":"Hi"}] [{"role":"user","content":"\ud83d"}]`),
    oneOf('[{"role":"user","content":"Hi","x":1}] [{"role":{"toString":1},"content":"Hi"}]'),
  ),
  input: fc.oneof(
    oneOf('[] {} 7 [1] [[]] [{"role":"user"}] [{"content":"Hi"}] [{"type":"reasoning"}]'),
    oneOf(String.raw`"\ud83d" [{"role":"robot","content":"Hi"}] [{"role":"user","content":[7]}]`),
    oneOf('[{"type":"function_call_output","call_id":"a","output":"Hi"}]'),
  ),
  stop: fc.oneof(
    oneOf(String.raw`[""] [1] {} ["a","a","a","a","a"] ["\ud83d"] [[]] 7`),
    fc.constant(JSON.stringify(["x".repeat(textBounds.stopLength + 1)])),
  ),
  schema: fc.oneof(
    oneOf('{"not":{}} {"type":"text"} {"enum":[]} {"$ref":"#/nowhere"} {"minLength":-1}'),
    oneOf('{"format":{"toString":1}} {"anyOf":[{"$ref":"#"}]}'),
  ),
  grammar: quoted(
    fc.constantFrom("", "root ::= (", 'a ::= "x"', "root ::= root", "root ::= x", 'root ::= "\0"'),
  ),
};

/** A schema's field: `json_schema`, or OpenAI's; `/v1/completions` has none. */
function schemaFields(contract: Contract, schema: fc.Arbitrary<Json>): fc.Arbitrary<Member>[] {
  if (contract === "completion") return [];
  if (contract === "direct") return [member("json_schema", schema)];
  if (contract === "responses") {
    const format = schema.map((json) => `{"format":{"type":"json_schema","schema":${json}}}`);
    return [member("text", format)];
  }
  const wrapped = schema.map(
    (json) => `{"type":"json_schema","json_schema":{"name":"x","schema":${json}}}`,
  );
  return [member("response_format", wrapped)];
}

const question = (contract: Contract) =>
  fc.oneof(...contracts[contract].asksBy.map((name) => member(name, validFields[name])));

const validConstraint = (contract: Contract) =>
  fc.oneof(member("grammar", quoted(validGrammar)), ...schemaFields(contract, validSchema));

/** Members of a request that is answered. */
export function validMembers(contract: Contract): fc.Arbitrary<readonly Member[]> {
  const optional = [
    ...Object.entries(contracts[contract].bounds).map(([name, bounds]) =>
      member(name, validNumber(bounds)),
    ),
    member("stop", validFields.stop),
    validConstraint(contract),
    // A direct invocation cannot stream.
    ...(contract === "direct" ? [] : [member("stream", fc.constantFrom("true", "false"))]),
  ].map((field) => fc.option(field, { freq: 2 }));
  return fc
    .tuple(question(contract), ...optional)
    .map((members) => members.filter((each) => each !== null));
}

/** A member that no request may have. */
function invalidMember(contract: Contract): fc.Arbitrary<Member> {
  const { bounds } = contracts[contract];
  const asked = contract === "direct" ? "messages" : contracts[contract].asksBy[0];
  return fc.oneof(
    ...Object.entries(bounds).map(([name, each]) => member(name, invalidNumber(each))),
    member(asked, invalidFields[asked]),
    member("stop", invalidFields.stop),
    // None at all to OpenAI's clients.
    ...(contract === "direct" ? [member("stop", fc.constant('""'))] : []),
    member("grammar", invalidFields.grammar),
    member("stream", fc.constantFrom('"yes"', "1", "{}")),
    // OpenAI's clients send `null` for what they leave out.
    member(
      "x-unknown",
      value.filter((any) => any !== "null"),
    ),
    ...schemaFields(contract, invalidFields.schema),
    ...(contract === "completion" ? [member("tools", fc.constant("[{}]"))] : []),
  );
}

/** Any members under the names that requests have, and a few more. */
function anyMembers(contract: Contract): fc.Arbitrary<readonly Member[]> {
  const name = fc.oneof(
    fc.constantFrom(...Object.keys(contracts[contract].bounds)),
    oneOf("prompt messages stop json_schema grammar stream model stream_options tools n"),
    oneOf("tool_choice input instructions text include metadata store parallel_tool_calls"),
    oneOf("response_format modalities temprature __proto__ constructor max_completion_tokens"),
  );
  const messagePart = fc.tuple(fc.constantFrom("role", "content", "name", "__proto__"), value);
  const oddMessages = fc.array(fc.oneof(value, fc.array(messagePart).map(jsonObject)));
  const json = fc.oneof(
    { weight: 5, arbitrary: value },
    { weight: 1, arbitrary: oddMessages.map(jsonList) },
    { weight: 1, arbitrary: quoted(anyGrammar) },
    { weight: 1, arbitrary: anySchema },
    { weight: 1, arbitrary: oneOf('true false null ["text"]') },
  );
  const members = fc.array(fc.tuple(name, json), { maxLength: 6 });
  return fc.oneof(
    members,
    fc.tuple(question(contract), members).map(([asked, others]) => [asked, ...others]),
  );
}

const expecting = (expected: Expectation, requests: fc.Arbitrary<readonly Member[]>) =>
  requests.map((members): RequestBody => ({ json: jsonObject(members), expected }));

/** Requests in the shape of a contract: valid, invalid in one thing, and random. */
export function requestBody(contract: Contract): fc.Arbitrary<RequestBody> {
  // The last of two members with one name counts.
  const invalid = fc
    .tuple(validMembers(contract), invalidMember(contract))
    .map(([members, wrong]) => [...members, wrong]);
  return fc.oneof(
    { weight: 2, arbitrary: expecting("answer", validMembers(contract)) },
    { weight: 2, arbitrary: expecting("refusal", invalid) },
    { weight: 3, arbitrary: expecting("either", anyMembers(contract)) },
  );
}

/** Requests whose one difficulty is the grammar or the schema. */
export function constrainedBody(contract: Contract): fc.Arbitrary<RequestBody> {
  const constraint = fc.oneof(
    member("grammar", quoted(anyGrammar)),
    ...schemaFields(contract, anySchema),
    member("tools", anySchema.map(toolOf(contract))),
  );
  return fc.oneof(
    expecting("answer", fc.tuple(question(contract), validConstraint(contract))),
    expecting("either", fc.tuple(question(contract), constraint)),
  );
}

/** A tool whose arguments have a schema, in the form of a contract. */
function toolOf(contract: Contract): (schema: Json) => Json {
  if (contract === "responses") {
    return (schema) => `[{"type":"function","name":"f","parameters":${schema}}]`;
  }
  return (schema) => `[{"type":"function","function":{"name":"f","parameters":${schema}}}]`;
}
