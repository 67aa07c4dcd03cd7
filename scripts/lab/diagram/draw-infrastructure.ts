import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { instance } from "@viz-js/viz";
import { stackKinds, stackName } from "../../../stacks/resource-names.ts";
import { settings } from "../../../stacks/settings.ts";
import { parseStackConfig } from "../../../stacks/settings-schema.ts";
import { synthesize } from "../../../stacks/synthesize.ts";
import { graphDot, type Surroundings } from "./graph-dot.ts";
import { type ResourceGraph, resourceGraph } from "./resource-graph.ts";

/** Settings that bring parts which are not there without them. */
const everyPart = { FUNCTION_URL: "AWS_IAM" };

/** People and the deployment around the stacks. */
const surroundings: Surroundings = {
  nodes: { caller: ["caller"], deployer: ["make deploy"] },
  arrows: [
    { from: "deployer", to: "registry/aws_ecr_repository", label: "builds, gates, pushes" },
    { from: "caller", to: "service/aws_lambda_function_url", label: "HTTPS, signed" },
    { from: "caller", to: "service/aws_lambda_alias", label: "aws lambda invoke" },
    {
      from: "registry/aws_ecr_repository",
      to: "service/aws_lambda_function",
      label: "image by digest",
    },
  ],
};

/** The picture of the stacks as `stacks/settings.ts` has them, whatever the environment says. */
export async function drawInfrastructure(): Promise<{ dot: string; svg: string }> {
  const graph = synthesizedGraph(everyPart);
  const always = new Set(synthesizedGraph({}).groups.map(({ id }) => id));
  const optional = new Set(graph.groups.map(({ id }) => id).filter((id) => !always.has(id)));
  const dot = graphDot({ graph, optional, surroundings });
  const graphviz = await instance();
  const svg = graphviz.renderString(dot, { format: "svg" });
  // Graphviz knows how wide Helvetica is; whoever looks may have something like it only.
  return { dot, svg: svg.replaceAll('"Helvetica"', '"Helvetica,Arial,sans-serif"') };
}

function synthesizedGraph(environment: Record<string, string>): ResourceGraph {
  const config = parseStackConfig(settings, environment);
  const folder = mkdtempSync(join(tmpdir(), "bitnet-diagram-"));
  try {
    synthesize(config, folder);
    const read = (name: string) =>
      readFileSync(join(folder, "stacks", name, "cdk.tf.json"), "utf8");
    return resourceGraph(
      Object.fromEntries(stackKinds.map((kind) => [kind, read(stackName(config, kind))])),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
