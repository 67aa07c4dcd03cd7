import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { runCommand } from "../../scripts/cli/run-command.ts";
import { plansFolder } from "../helpers/recorded-plan.ts";

type Json = Record<string, unknown>;

type Resource = Json & { address: string; type: string; change?: Json; expressions?: Json };
type Module = { root_module: { resources?: Resource[] } };

interface ShownPlan extends Json {
  readonly resource_changes?: readonly Resource[];
  readonly resource_drift?: readonly Resource[];
  readonly configuration: Module;
  readonly prior_state?: { readonly values: Module };
}

/** Writes a saved plan to `tests/fixtures/plans/NAME.json`, without what no review reads. */
export async function recordPlan(terraform: string, path: string, name: string): Promise<void> {
  const { stdout } = await runCommand({
    file: terraform,
    args: [`-chdir=${dirname(path)}`, "show", "-json", basename(path)],
  });
  const plan = trimmed(JSON.parse(stdout));
  writeFileSync(join(plansFolder, `${name}.json`), `${JSON.stringify(plan, null, 2)}\n`);
}

function trimmed(plan: ShownPlan): Json {
  const { format_version, terraform_version, variables } = plan;
  const identities = (plan.prior_state?.values.root_module.resources ?? [])
    .filter(({ type }) => type === "aws_caller_identity")
    .map(({ address, mode, type, values }) => ({ address, mode, type, values }));
  const configured = (plan.configuration.root_module.resources ?? []).map(
    ({ address, expressions = {} }) => ({
      address,
      expressions: Object.fromEntries(Object.keys(expressions).map((key) => [key, {}])),
    }),
  );
  const isDrift: Keeps = (before, after, name) =>
    name === "name" || !isDeepStrictEqual(before, after);
  return {
    format_version,
    terraform_version,
    variables,
    resource_changes: plan.resource_changes?.map((one) => trimmedResource(one, isShown(one))) ?? [],
    resource_drift: plan.resource_drift?.map((one) => trimmedResource(one, isDrift)) ?? [],
    configuration: { root_module: { resources: configured } },
    prior_state: { values: { root_module: { resources: identities } } },
  };
}

function trimmedResource(resource: Resource, keeps: Keeps): Json {
  const { address, mode, type, action_reason, change = {} } = resource;
  const reason = action_reason ? { action_reason } : {};
  return { address, mode, type, ...reason, change: trimmedChange(change, keeps) };
}

/** Attributes that identify a resource. */
const identifying = ["name", "arn", "role", "function_name"];

/** Everything that is set in a change, and what identifies a resource that stays. */
function isShown({ change }: Resource): Keeps {
  if (String(change?.actions) === "no-op")
    return (_before, _after, name) => identifying.includes(name);
  return (before, after) => (before ?? after ?? null) !== null;
}

type Keeps = (before: unknown, after: unknown, name: string) => boolean;

/** A change with the attributes that are to be kept. */
function trimmedChange(change: Json, keeps: Keeps): Json {
  const before = (change.before ?? {}) as Json;
  const after = (change.after ?? {}) as Json;
  const kept = (values: unknown) =>
    typeof values === "object" && values !== null
      ? filtered(values, (name) => keeps(before[name], after[name], name))
      : null;
  const { actions, replace_paths } = change;
  return {
    actions,
    before: kept(change.before),
    after: kept(change.after),
    after_unknown: onlyTrue(change.after_unknown),
    before_sensitive: onlyTrue(change.before_sensitive),
    after_sensitive: onlyTrue(change.after_sensitive),
    ...(replace_paths ? { replace_paths } : {}),
  };
}

/** A mask without the attributes that it does not cover. */
function onlyTrue(mask: unknown): unknown {
  if (typeof mask !== "object" || mask === null) return mask;
  return filtered(mask, (_name, inner) => JSON.stringify(inner).includes("true"));
}

function filtered(values: object, keeps: (name: string, value: unknown) => boolean): Json {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => keeps(name, value)));
}
