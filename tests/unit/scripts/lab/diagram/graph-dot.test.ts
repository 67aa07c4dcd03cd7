import { graphDot } from "../../../../../scripts/lab/diagram/graph-dot.ts";
import type { ResourceGroup } from "../../../../../scripts/lab/diagram/resource-graph.ts";

const group = (type: string, resources: ResourceGroup["resources"] = [{}]): ResourceGroup => ({
  id: `s/${type}`,
  stack: "s",
  type,
  resources,
});

function dotOf(options: {
  groups: readonly ResourceGroup[];
  references?: readonly [string, string][];
  optional?: readonly string[];
  nodes?: Record<string, readonly string[]>;
  arrows?: { from: string; to: string; label: string }[];
}): string {
  const references = (options.references ?? []).map(([from, to]) => ({
    from: `s/${from}`,
    to: `s/${to}`,
  }));
  return graphDot({
    graph: { groups: options.groups, references },
    optional: new Set(options.optional),
    surroundings: { nodes: options.nodes ?? {}, arrows: options.arrows ?? [] },
  });
}

describe("graphDot", () => {
  it("says what a resource is, with its figures", () => {
    const attributes = { architectures: ["arm64"], memory_size: 2048, timeout: 60 };

    expect(dotOf({ groups: [group("aws_lambda_function", [attributes])] })).toContain(
      'label="Lambda function\\ncontainer image, by digest\\narm64, 2048 MB, 60 s at most"]',
    );
  });

  it("counts several of a kind", () => {
    const alarms = [
      { metric_name: "Errors" },
      { metric_name: "Errors" },
      { metric_name: "Throttles" },
    ];

    expect(dotOf({ groups: [group("aws_cloudwatch_metric_alarm", alarms)] })).toContain(
      'label="3 alarms\\nErrors\\nThrottles"]',
    );
  });

  it("shows a type that nobody has described by its name", () => {
    expect(dotOf({ groups: [group("aws_new_thing")] })).toContain('label="aws_new_thing"]');
  });

  it("draws what is not always there with a broken line", () => {
    const dot = dotOf({
      groups: [group("aws_iam_role"), group("aws_ecr_repository")],
      optional: ["s/aws_iam_role"],
    });

    expect(dot).toContain(
      'style="filled,rounded,dashed", label="execution role\\n(when asked for)"]',
    );
    expect(dot.match(/dashed/g)).toHaveLength(1);
  });

  it("draws references along the flow, and says what flows", () => {
    const groups = ["aws_lambda_alias", "aws_lambda_function", "aws_cloudwatch_dashboard"].map(
      (type) => group(type),
    );
    const dot = dotOf({
      groups,
      references: [
        ["aws_lambda_alias", "aws_lambda_function"],
        ["aws_cloudwatch_dashboard", "aws_lambda_function"],
      ],
    });

    expect(dot).toContain(
      '"s/aws_lambda_alias" -> "s/aws_lambda_function" [label="  newest version  "]',
    );
    expect(dot).toContain('"s/aws_lambda_function" -> "s/aws_cloudwatch_dashboard"\n');
  });

  it("leaves out a reference that another path tells, and no other", () => {
    const types = ["aws_lambda_function_url", "aws_lambda_function", "aws_x", "aws_y"];
    const dot = dotOf({
      groups: types.map((type) => group(type)),
      references: [
        ["aws_lambda_function_url", "aws_lambda_function"],
        ["aws_x", "aws_y"],
      ],
    });

    expect(dot.match(/->/g)).toHaveLength(1);
    expect(dot).toContain('"s/aws_x" -> "s/aws_y"\n');
  });

  it("draws the surroundings, but no arrow that ends nowhere", () => {
    const dot = dotOf({
      groups: [group("aws_x")],
      nodes: { caller: ["a caller"] },
      arrows: [
        { from: "caller", to: "s/aws_x", label: "calls" },
        { from: "caller", to: "s/aws_gone", label: "calls" },
      ],
    });

    expect(dot).toContain('label="a caller"]');
    expect(dot.match(/->/g)).toHaveLength(1);
  });

  it("writes quotes and backslashes so that Graphviz reads them back", () => {
    expect(dotOf({ groups: [], nodes: { caller: ['a "b" \\ c'] } })).toContain(
      'label="a \\"b\\" \\\\ c"]',
    );
  });
});
