import * as fc from "fast-check";
import { textBounds } from "../../../runtime/request/request.ts";
import {
  type NumberBounds,
  samplingParameters,
} from "../../../runtime/request/sampling-parameters.ts";
import { anyGrammar, anySchema, validGrammar, validSchema, value, wholeText } from "./values.ts";

/** A route's contract: how it asks, and the fields in which it differs. */
interface Contract {
  readonly path: string;
  readonly bounds: Readonly<Record<string, NumberBounds>>;
  readonly asksBy: readonly (keyof typeof questions)[];
  /** The fields that ask for an answer by a schema; `/v1/completions` has none. */
  readonly bySchema: (schema: unknown) => object;
  readonly tool?: (schema: unknown) => object;
}

const { n_predict, ...shared } = samplingParameters;
/** Agents ask for more tokens than there can be; they are bounded, not refused. */
const tokens = { ...n_predict, maximum: 2 ** 31 - 1 };

export const contracts = {
  direct: {
    path: "/completion",
    bounds: samplingParameters,
    asksBy: ["prompt", "messages"],
    bySchema: (json_schema) => ({ json_schema }),
  },
  chat: {
    path: "/v1/chat/completions",
    bounds: { ...shared, max_tokens: tokens },
    asksBy: ["messages"],
    bySchema: (schema) => ({
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    }),
    tool: (parameters) => ({ type: "function", function: { name: "f", parameters } }),
  },
  completion: {
    path: "/v1/completions",
    bounds: { ...shared, max_tokens: tokens },
    asksBy: ["prompt"],
    bySchema: () => ({}),
  },
  responses: {
    path: "/v1/responses",
    bounds: { ...shared, max_output_tokens: tokens },
    asksBy: ["input"],
    bySchema: (schema) => ({ text: { format: { type: "json_schema", schema } } }),
    tool: (parameters) => ({ type: "function", name: "f", parameters }),
  },
} as const satisfies Readonly<Record<string, Contract>>;
const { direct } = contracts;

const messages = fc.array(
  fc.record({ role: fc.constantFrom("system", "user", "assistant"), content: wholeText }),
  { minLength: 1, maxLength: 5 },
);
const questions = {
  prompt: wholeText.map((any) => any || "Hi"),
  messages,
  input: fc.oneof(wholeText, messages),
};
const stops = fc.array(
  wholeText.map((any) => any.slice(0, 200).toWellFormed() || "x"),
  { maxLength: textBounds.stops },
);

const content = "Hi";
const robot = [{ role: "robot", content }];
const half = [{ role: "user", content: "\ud83d" }];
const notMessages = [[], {}, 7, [1], [[]], [{ role: "user" }], [{ content }], robot, half];
const result = { type: "function_call_output", call_id: "a", output: "Hi" };
/** Values that a field may not have. */
const invalid: Readonly<Record<string, readonly unknown[]>> = {
  prompt: ["", 7, {}, "\udc00", [], ["a", "b"], true],
  messages: [
    ...[...notMessages, "Hi", [{ role: "user", content, x: 1 }]],
    [{ role: { toString: 1 }, content }],
  ],
  input: [
    ...notMessages,
    "\ud83d",
    [{ role: "user", content: [7] }],
    [{ type: "reasoning" }],
    [result],
  ],
  stop: [[""], [1], {}, [..."aaaaa"], ["\ud83d"], [[]], 7, ["x".repeat(textBounds.stopLength + 1)]],
  grammar: ["", "root ::= (", 'a ::= "x"', "root ::= root", "root ::= x", 'root ::= "\0"'],
  stream: ["yes", 1, {}],
  "x-unknown": [1, "", [], {}],
};
const invalidSchemas = [
  ...[{ not: {} }, { type: "text" }, { enum: [] }, { $ref: "#/nowhere" }, { minLength: -1 }],
  ...[{ format: { toString: 1 } }, { anyOf: [{ $ref: "#" }] }],
];

/** Numbers in bounds, the bounds themselves among them. */
function validNumber({ isInteger, minimum, isMinimumExclusive, maximum: max }: NumberBounds) {
  const min = isMinimumExclusive ? Number.MIN_VALUE : minimum;
  const inside = isInteger ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  return fc.oneof(inside, fc.constantFrom(min, max));
}

/** Numbers out of bounds, if only just, and what is no number. */
function invalidNumbers({ isInteger, minimum, isMinimumExclusive, maximum }: NumberBounds) {
  const step = isInteger ? 1 : 1e-6;
  return [
    ...[minimum - step, maximum + step, minimum - 1, 1e300, "raw:1e400", "raw:-1e400"],
    ...[true, "1", [1], {}, { valueOf: 1, toString: 1 }],
    ...(isMinimumExclusive ? [0, "raw:-0"] : []),
    ...(isInteger ? [1.5] : []),
  ];
}

const question = ({ asksBy }: Contract): fc.Arbitrary<object> =>
  fc.oneof(...asksBy.map((name) => questions[name].map((asked) => ({ [name]: asked }))));

const constrained = ({ bySchema }: Contract): fc.Arbitrary<object> =>
  fc.oneof(fc.record({ grammar: validGrammar }), validSchema.map(bySchema));

/** The fields of a request that is answered. */
export function validFields(contract: Contract): fc.Arbitrary<object> {
  const numbers = Object.entries(contract.bounds).map(([name, bounds]) => [
    name,
    validNumber(bounds),
  ]);
  const options = {
    ...(Object.fromEntries(numbers) as Record<string, fc.Arbitrary<number>>),
    stop: stops,
    // A direct invocation cannot stream.
    ...(contract !== direct && { stream: fc.boolean() }),
  };
  return merged(
    question(contract),
    fc.record(options, { requiredKeys: [] }),
    fc.option(constrained(contract), { nil: {}, freq: 2 }),
  );
}

/** A field that makes any request invalid. */
function invalidField(contract: Contract): fc.Arbitrary<object> {
  const { bounds, asksBy, bySchema } = contract;
  const rows = [
    ...[...asksBy, "stop", "grammar", "stream", "x-unknown"].map((name) => [name, invalid[name]]),
    ...Object.entries(bounds).map(([name, each]) => [name, invalidNumbers(each)]),
    // None at all to OpenAI's clients.
    ...(contract === direct ? [["stop", [""]]] : []),
    ...(contract === contracts.completion ? [["tools", [[{}]]]] : []),
  ] as [string, unknown[]][];
  const fields = rows.map(([name, values]) =>
    fc.constantFrom(...values).map((wrong) => ({ [name]: wrong })),
  );
  const schemas = fc.constantFrom(...invalidSchemas).map(bySchema);
  return fc.oneof(...fields, ...(contract === contracts.completion ? [] : [schemas]));
}

const anyName = fc.constantFrom(
  ...Object.keys({ ...samplingParameters, ...questions, ...invalid }),
  ..."json_schema model stream_options tools n tool_choice instructions text include".split(" "),
  ..."metadata store parallel_tool_calls response_format modalities temprature".split(" "),
  ..."max_tokens max_completion_tokens max_output_tokens __proto__ constructor".split(" "),
);
const messagePart = fc.constantFrom("role", "content", "name", "__proto__");
const oddMessages = fc.array(fc.dictionary(messagePart, value, { maxKeys: 3 }));
const anyFields = fc.dictionary(
  anyName,
  fc.oneof({ weight: 5, arbitrary: value }, oddMessages, anyGrammar, anySchema),
  { maxKeys: 6 },
);

/** Fields together; the last of those with one name counts. */
function merged(...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> {
  const entries = fc.tuple(...parts).map((all) => all.flatMap(Object.entries));
  return entries.map((all) => Object.fromEntries(all));
}

/** Fields with whether the contract takes them; `undefined` where the generator does not know. */
const valued = (isValid: boolean | undefined, requests: fc.Arbitrary<object>) =>
  requests.map((fields) => ({ fields, isValid }));

/** Requests in the shape of a contract: valid, invalid in one thing, and random. */
export function requestBody(contract: Contract) {
  const valid = validFields(contract);
  const any = fc.oneof(anyFields, merged(question(contract), anyFields));
  return fc.oneof(
    { weight: 2, arbitrary: valued(true, valid) },
    { weight: 2, arbitrary: valued(false, merged(valid, invalidField(contract))) },
    { weight: 3, arbitrary: valued(undefined, any) },
  );
}

/** Requests whose one difficulty is the grammar or the schema. */
export function constrainedBody(contract: Contract): ReturnType<typeof requestBody> {
  const { bySchema, tool = contracts.chat.tool } = contract;
  const constraint = fc.oneof(
    fc.record({ grammar: anyGrammar }),
    anySchema.map(bySchema),
    anySchema.map((schema) => ({ tools: [tool(schema)] })),
  );
  return fc.oneof(
    valued(true, merged(question(contract), constrained(contract))),
    valued(undefined, merged(question(contract), constraint)),
  );
}
