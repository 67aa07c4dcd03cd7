import * as z from "zod";
import { policyPlaces } from "./grants.ts";
import type { ResourceChange, TerraformPlan } from "./terraform-plan.ts";

const byName = <Values extends z.ZodType>(values: Values) => z.record(z.string(), values);
const synthesizedSchema = z.object({ resource: byName(byName(byName(z.unknown()))).default({}) });

/**
 * Replaces policies that are known only after the apply, because they name resources that do not
 * exist yet, by those of the synthesized stack. There, `${aws_sqs_queue.x.arn}` names a resource that
 * is created; the ARN of one that exists, or is replaced under the same name, is put in its place.
 *
 * @param stackText `cdk.tf.json` of the same stack
 */
export function fillUnknownPolicies(plan: TerraformPlan, stackText: string): TerraformPlan {
  const { resource } = synthesizedSchema.parse(JSON.parse(stackText));
  const resources = plan.resources.map((change) => {
    const name = change.address.slice(change.type.length + 1);
    return filled(change, resource[change.type]?.[name] ?? {}, plan);
  });
  return { ...plan, resources };
}

function filled(
  change: ResourceChange,
  synthesized: Record<string, unknown>,
  plan: TerraformPlan,
): ResourceChange {
  const { unknown } = change;
  if (typeof unknown !== "object" || unknown === null) return change;
  const known = (policyPlaces[change.type] ?? []).flatMap(({ path: [name = ""] }) => {
    const text = synthesized[name];
    const isUnknown = (unknown as Record<string, unknown>)[name] === true;
    return isUnknown && typeof text === "string" ? [[name, resolved(text, plan)] as const] : [];
  });
  const policies = Object.fromEntries(known);
  const stillUnknown = Object.entries(unknown).filter(([name]) => !(name in policies));
  const after = { ...change.after, ...policies };
  return { ...change, after, unknown: Object.fromEntries(stillUnknown) };
}

/** A text with its references replaced by the values that are known. */
function resolved(text: string, { resources }: TerraformPlan): string {
  return text.replaceAll(/\$\{(\w+\.[\w-]+)\.(\w+)\}/g, (reference, address, attribute) => {
    const target = resources.find((change) => change.address === address);
    const value = target === undefined ? undefined : lastingValue(target, attribute);
    return typeof value === "string" ? value : reference;
  });
}

/** An attribute after the apply. An ARN stays the same when its resource is replaced under its name. */
function lastingValue({ before, after }: ResourceChange, attribute: string): unknown {
  const keepsArn = attribute === "arn" && before.name !== undefined && before.name === after.name;
  return after[attribute] ?? (keepsArn ? before.arn : undefined);
}
