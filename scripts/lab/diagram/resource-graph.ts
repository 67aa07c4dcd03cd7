import * as z from "zod";

/** All resources of one type in one stack. */
export interface ResourceGroup {
  /** `service/aws_lambda_alias`. */
  readonly id: string;
  readonly stack: string;
  readonly type: string;
  /** The attributes of each resource. */
  readonly resources: readonly Readonly<Record<string, unknown>>[];
}

/** One group refers to another. */
export interface Reference {
  readonly from: string;
  readonly to: string;
}

/** What is in the stacks, and what refers to what. */
export interface ResourceGraph {
  readonly groups: readonly ResourceGroup[];
  readonly references: readonly Reference[];
}

const stackSchema = z.object({
  resource: z
    .record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())))
    .default({}),
});

/**
 * The graph of synthesized stacks, in the order of their names.
 *
 * @param stacks text of `cdk.tf.json` by the stack's name
 */
export function resourceGraph(stacks: Readonly<Record<string, string>>): ResourceGraph {
  const groups = Object.entries(stacks).flatMap(([stack, text]) => groupsOf(stack, text));
  return { groups, references: groups.flatMap((group) => referencesOf(group, groups)) };
}

function groupsOf(stack: string, text: string): ResourceGroup[] {
  const { resource } = stackSchema.parse(JSON.parse(text));
  return Object.entries(resource)
    .map(([type, named]) => ({
      id: `${stack}/${type}`,
      stack,
      type,
      // CDKTF's own notes, kept under "//", are no attribute.
      resources: Object.values(named).map(({ "//": _, ...attributes }) => attributes),
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** `${aws_sqs_queue.dead-letters.arn}`; data sources begin with `data.` and stay out. */
const referencePattern = /\$\{(aws_\w+)\./g;

function referencesOf(group: ResourceGroup, groups: readonly ResourceGroup[]): Reference[] {
  const text = JSON.stringify(group.resources);
  const types = new Set([...text.matchAll(referencePattern)].map(([, type]) => type));
  return groups
    .filter(({ stack, type, id }) => stack === group.stack && types.has(type) && id !== group.id)
    .map(({ id }) => ({ from: group.id, to: id }));
}
