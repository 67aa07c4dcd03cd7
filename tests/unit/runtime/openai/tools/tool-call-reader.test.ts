import * as fc from "fast-check";
import {
  type ToolCallEvent,
  ToolCallReader,
} from "../../../../../runtime/openai/tools/tool-call-reader.ts";

function eventsOf(pieces: readonly string[]): ToolCallEvent[] {
  const reader = new ToolCallReader();
  return pieces.flatMap((piece) => reader.push(piece));
}

const indexOf = (event: ToolCallEvent) => ("index" in event ? event.index : undefined);

describe("ToolCallReader", () => {
  it("finds the same calls wherever the answer is cut into pieces", () => {
    const call = fc.record({
      name: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
      arguments: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
    });
    const blank = fc.constantFrom(undefined, 1);

    void fc.assert(
      fc.property(
        fc.array(call, { minLength: 1, maxLength: 3 }),
        blank,
        fc.array(fc.nat()),
        (calls, indent, cuts) => {
          const text = JSON.stringify(calls, null, indent);
          const places = [0, ...cuts.map((cut) => cut % text.length), text.length].toSorted(
            (a, b) => a - b,
          );
          const pieces = places.slice(1).map((end, at) => text.slice(places[at], end));

          const events = eventsOf(pieces);

          const ofCalls = calls.map((_, at) => events.filter((event) => at === indexOf(event)));
          const read = ofCalls.map(([start, ...rest]) => ({
            name: start?.type === "call-start" && start.name,
            arguments: JSON.parse(
              rest.map((event) => (event.type === "arguments-delta" ? event.text : "")).join(""),
            ),
          }));
          expect(read).toEqual(JSON.parse(JSON.stringify(calls)));
          expect(events.at(-1)).toEqual({ type: "call-end", index: calls.length - 1 });
        },
      ),
    );
  });

  it.each(["[x", `[{"name": "${"x".repeat(200)}`, '[{"name":"f","arguments":{}}]x'])(
    "says that an engine does not follow the grammar: %s",
    (text) => {
      expect(() => eventsOf([text])).toThrow(expect.objectContaining({ kind: "engine-failed" }));
    },
  );
});
