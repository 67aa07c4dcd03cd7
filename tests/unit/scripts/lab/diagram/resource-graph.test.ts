import { resourceGraph } from "../../../../../scripts/lab/diagram/resource-graph.ts";

const refer = (text: string) => `$${text}`;
const stack = (resource: object) => JSON.stringify({ resource });

describe("resourceGraph", () => {
  it("groups resources by type, in the order of names", () => {
    const graph = resourceGraph({
      one: stack({ aws_b: { x: { "//": { path: "p" }, size: 1 }, y: {} }, aws_a: { z: {} } }),
    });

    expect(graph.groups).toEqual([
      { id: "one/aws_a", stack: "one", type: "aws_a", resources: [{}] },
      { id: "one/aws_b", stack: "one", type: "aws_b", resources: [{ size: 1 }, {}] },
    ]);
  });

  it("finds what refers to what, in any depth of text", () => {
    const policy = JSON.stringify({ Resource: refer("{aws_b.x.arn}:*") });
    const graph = resourceGraph({
      one: stack({ aws_a: { z: { nested: [{ policy }] } }, aws_b: { x: {} } }),
    });

    expect(graph.references).toEqual([{ from: "one/aws_a", to: "one/aws_b" }]);
  });

  it.each([
    ["a data source", "{data.aws_b.x.id}"],
    ["a variable", "{var.aws_b}"],
    ["its own type", "{aws_a.other.id}"],
    ["a type of another stack", "{aws_c.x.id}"],
  ])("draws nothing to %s", (_name, text) => {
    const graph = resourceGraph({
      one: stack({ aws_a: { z: { name: refer(text) } }, aws_b: { x: {} } }),
      two: stack({ aws_c: { x: {} } }),
    });

    expect(graph.references).toEqual([]);
  });

  it("takes a stack without resources", () => {
    expect(resourceGraph({ one: "{}" })).toEqual({ groups: [], references: [] });
  });
});
