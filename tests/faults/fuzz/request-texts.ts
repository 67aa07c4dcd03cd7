import * as fc from "fast-check";
import { textBounds } from "../../../runtime/request/request.ts";
import {
  type NumberBounds,
  samplingParameters,
} from "../../../runtime/request/sampling-parameters.ts";
import { anyGrammar, anySchema, validGrammar, validSchema } from "./constraint-texts.ts";
import {
  type JsonText,
  listText,
  type Member,
  numberText,
  objectText,
  text,
  value,
  wholeText,
} from "./json-texts.ts";

/** What a request is checked against. */
export type Contract = "direct" | "chat" | "completion";

/** What becomes of a request by its contract; "either" where the fuzzer does not know. */
export type Expectation = "answer" | "refusal" | "either";

/** A request's body. */
export interface RequestText {
  readonly json: JsonText;
  readonly expected: Expectation;
}

const quoted = (texts: fc.Arbitrary<string>) => texts.map((any): JsonText => JSON.stringify(any));
const nonEmptyText = quoted(wholeText.map((any) => (any === "" ? "Hi" : any)));

const { n_predict, seed, ...sampling } = samplingParameters;
const openAiNumbers: Readonly<Record<string, NumberBounds>> = {
  ...sampling,
  seed,
  max_tokens: n_predict,
};
const numbers: Readonly<Record<Contract, Readonly<Record<string, NumberBounds>>>> = {
  direct: samplingParameters,
  chat: openAiNumbers,
  completion: openAiNumbers,
};

/** Numbers in bounds, the bounds themselves among them. */
function validNumber({ isInteger, minimum, isMinimumExclusive, maximum }: NumberBounds) {
  const smallest = isMinimumExclusive ? Number.MIN_VALUE : minimum;
  const inside = isInteger
    ? fc.integer({ min: smallest, max: maximum })
    : fc.double({ min: smallest, max: maximum, noNaN: true });
  return fc
    .oneof(inside, fc.constantFrom(smallest, maximum))
    .map((number): JsonText => (Object.is(number, -0) ? "-0" : JSON.stringify(number)));
}

/** Numbers out of bounds, if only just, and what is no number. */
function invalidNumber({ isInteger, minimum, isMinimumExclusive, maximum }: NumberBounds) {
  const step = isInteger ? 1 : 1e-6;
  return fc.constantFrom(
    ...[minimum - step, maximum + step, minimum - 1, 1e300].map((number) => JSON.stringify(number)),
    ...(isMinimumExclusive ? ["0", "-0"] : []),
    ...(isInteger ? ["1.5"] : []),
    ...["1e400", "-1e400", "true", '"1"', "[1]", "{}", '{"valueOf":1,"toString":1}'],
  );
}

const validStops = fc
  .array(
    wholeText.map((any) => any.slice(0, 200).toWellFormed() || "x"),
    { maxLength: textBounds.stops },
  )
  .map((stops) => listText(stops.map((stop) => JSON.stringify(stop))));
const invalidStops = fc.constantFrom(
  ...['""', '[""]', "[1]", "{}", '["a","a","a","a","a"]', '["\\ud83d"]', "[[]]", "7"],
  JSON.stringify(["x".repeat(textBounds.stopLength + 1)]),
);

const role = fc.constantFrom("system", "user", "assistant");
const messageText = fc
  .tuple(role, quoted(wholeText))
  .map(([speaker, content]) => `{"role":"${speaker}","content":${content}}`);
const validMessages = fc.array(messageText, { minLength: 1, maxLength: 5 }).map(listText);
const oddMessage = fc.oneof(
  value,
  fc
    .tuple(
      fc.oneof(quoted(text), value),
      fc.oneof(quoted(text), value, fc.array(value).map(listText)),
    )
    .map(([speaker, content]) => `{"role":${speaker},"content":${content}}`),
  fc
    .array(fc.record({ key: fc.constantFrom("role", "content", "name", "__proto__"), json: value }))
    .map(objectText),
);
const invalidMessages = fc.constantFrom(
  ...["[]", "{}", '"Hi"', "[1]", "[[]]", '[{"role":"user"}]', '[{"content":"Hi"}]'],
  ...['[{"role":"robot","content":"Hi"}]', '[{"role":"user","content":"Hi","x":1}]'],
  '[{"role":"user","content":"\\ud83d"}]',
  '[{"role":{"toString":1},"content":"Hi"}]',
);
const invalidPrompt = fc.constantFrom('""', "7", "{}", '"\\udc00"', "[]", '["a","b"]', "true");
const invalidSchema = fc.constantFrom(
  ...['{"not":{}}', '{"type":"text"}', '{"enum":[]}', '{"$ref":"#/nowhere"}', '{"minLength":-1}'],
  '{"format":{"toString":1}}',
  '{"anyOf":[{"$ref":"#"}]}',
);
const invalidGrammar = quoted(
  fc.constantFrom(
    "",
    "root ::= (",
    'a ::= "x"',
    "root ::= root",
    "root ::= x",
    'root ::= "\u0000"',
  ),
);

/** `json_schema`, or what OpenAI calls it. */
function schemaMember(contract: Contract, schema: fc.Arbitrary<JsonText>): fc.Arbitrary<Member> {
  if (contract === "direct") return schema.map((json) => ({ key: "json_schema", json }));
  return schema.map((json) => ({
    key: "response_format",
    json: `{"type":"json_schema","json_schema":{"name":"x","schema":${json}}}`,
  }));
}

const member = (key: string, json: fc.Arbitrary<JsonText>) =>
  json.map((any) => ({ key, json: any }));

/** What a request asks with. */
function question(contract: Contract): fc.Arbitrary<Member> {
  if (contract === "completion") return member("prompt", nonEmptyText);
  if (contract === "chat") return member("messages", validMessages);
  return fc.oneof(member("prompt", nonEmptyText), member("messages", validMessages));
}

function validConstraint(contract: Contract): fc.Arbitrary<Member> {
  const grammar = member("grammar", quoted(validGrammar));
  if (contract === "completion") return grammar;
  const schema = validSchema.map((any) => JSON.stringify(any));
  return fc.oneof(grammar, schemaMember(contract, schema));
}

/** Requests that are answered. */
export function validRequest(contract: Contract): fc.Arbitrary<readonly Member[]> {
  const fields = fc.record(
    Object.fromEntries(
      Object.entries(numbers[contract]).map(([name, bounds]) => [name, validNumber(bounds)]),
    ),
    { requiredKeys: [] },
  );
  return fc
    .record(
      {
        asked: question(contract),
        fields,
        stop: validStops,
        constraint: validConstraint(contract),
        stream: fc.boolean(),
      },
      { requiredKeys: ["asked", "fields"] },
    )
    .map(({ asked, fields: sent, stop, constraint, stream }) => [
      asked,
      ...Object.entries(sent).map(([key, json = ""]) => ({ key, json })),
      ...(stop === undefined ? [] : [{ key: "stop", json: stop }]),
      ...(constraint === undefined ? [] : [constraint]),
      // A direct invocation cannot stream; its ways in that can take this out.
      ...(stream && contract !== "direct" ? [{ key: "stream", json: "true" }] : []),
    ]);
}

/** One member that no request may have. */
function fault(contract: Contract): fc.Arbitrary<Member> {
  const faulty = Object.entries(numbers[contract]).map(([name, bounds]) =>
    member(name, invalidNumber(bounds)),
  );
  return fc.oneof(
    ...faulty,
    member("stop", invalidStops),
    member("grammar", invalidGrammar),
    member("stream", fc.constantFrom('"yes"', "1", "{}")),
    // OpenAI's clients send `null` for what they leave out.
    member(
      "x-unknown",
      value.filter((any) => any !== "null"),
    ),
    contract === "completion"
      ? member("prompt", invalidPrompt)
      : member("messages", invalidMessages),
    contract === "completion"
      ? member("tools", fc.constant("[{}]"))
      : schemaMember(contract, invalidSchema),
  );
}

/** A valid request with one fault in it; the last of two members with one key counts. */
function faultyRequest(contract: Contract): fc.Arbitrary<readonly Member[]> {
  return fc
    .tuple(validRequest(contract), fault(contract))
    .map(([members, wrong]) => [...members, wrong]);
}

/** Any members under the names that requests have, and a few more. */
function anyRequest(contract: Contract): fc.Arbitrary<readonly Member[]> {
  const names = fc.constantFrom(
    ...Object.keys(numbers[contract]),
    ..."prompt messages stop json_schema grammar stream model stream_options tools n".split(" "),
    ..."response_format modalities temprature __proto__ constructor max_completion_tokens".split(
      " ",
    ),
  );
  const any = fc.oneof(
    { weight: 4, arbitrary: value },
    { weight: 1, arbitrary: numberText },
    { weight: 1, arbitrary: fc.array(oddMessage, { maxLength: 4 }).map(listText) },
    { weight: 1, arbitrary: quoted(anyGrammar) },
    { weight: 1, arbitrary: anySchema },
    { weight: 1, arbitrary: fc.constantFrom("true", "false", "null", '["text"]') },
  );
  return fc
    .tuple(
      question(contract),
      fc.array(fc.record({ key: names, json: any }), { maxLength: 6 }),
      fc.boolean(),
    )
    .map(([asked, members, isAsked]) => (isAsked ? [asked, ...members] : members));
}

const tell = (requests: fc.Arbitrary<readonly Member[]>, expected: Expectation) =>
  requests.map((members): RequestText => ({ json: objectText(members), expected }));

/** Requests in the shape of a contract: right, wrong in one thing, and anyhow. */
export function requestText(contract: Contract): fc.Arbitrary<RequestText> {
  return fc.oneof(
    { weight: 2, arbitrary: tell(validRequest(contract), "answer") },
    { weight: 2, arbitrary: tell(faultyRequest(contract), "refusal") },
    { weight: 3, arbitrary: tell(anyRequest(contract), "either") },
  );
}

/** Requests whose one difficulty is the grammar or the schema. */
export function constrainedText(contract: Contract): fc.Arbitrary<RequestText> {
  const constraint = fc.oneof(
    member("grammar", quoted(anyGrammar)),
    ...(contract === "completion" ? [] : [schemaMember(contract, anySchema)]),
  );
  return fc.oneof(
    tell(fc.tuple(question(contract), validConstraint(contract)), "answer"),
    tell(fc.tuple(question(contract), constraint), "either"),
  );
}
