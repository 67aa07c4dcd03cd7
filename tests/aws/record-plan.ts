import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type * as z from "zod";
import { runCommand } from "../../scripts/cli/run-command.ts";
import { planSchema } from "../../scripts/review/terraform-plan.ts";
import { plansFolder } from "../helpers/recorded-plan.ts";

type Plan = z.output<typeof planSchema>;
type Change = NonNullable<Plan["resource_changes"]>[number];

/** Writes a saved plan to `tests/fixtures/plans/NAME.json`: the fields that a review reads. */
export async function recordPlan(terraform: string, path: string, name: string): Promise<void> {
  const args = [`-chdir=${dirname(path)}`, "show", "-json", basename(path)];
  const { stdout } = await runCommand({ file: terraform, args });
  const plan = trimmed(planSchema.parse(JSON.parse(stdout)));
  const withoutNull = (_name: string, value: unknown) => (value === null ? undefined : value);
  writeFileSync(join(plansFolder, `${name}.json`), `${JSON.stringify(plan, withoutNull, 2)}\n`);
}

/** A plan without the values of what stays, of the configuration, and of what is no account. */
function trimmed({ configuration, prior_state, resource_changes, ...plan }: Plan): Plan {
  const configured = configuration?.root_module?.resources?.map(({ address, expressions }) => ({
    address,
    expressions: Object.fromEntries(Object.keys(expressions ?? {}).map((key) => [key, {}])),
  }));
  const accounts = prior_state?.values?.root_module?.resources?.filter(
    ({ type }) => type === "aws_caller_identity",
  );
  return {
    ...plan,
    resource_changes: resource_changes?.map(withoutUnchanged),
    configuration: { root_module: { resources: configured } },
    prior_state: { values: { root_module: { resources: accounts } } },
  };
}

/** Attributes that identify a resource. */
const identifying = ["name", "arn", "role", "function_name"];

function withoutUnchanged(resource: Change): Change {
  const { actions, before, after } = resource.change;
  if (actions.join() !== "no-op") return resource;
  const identity = (values: typeof before) =>
    Object.fromEntries(Object.entries(values ?? {}).filter(([name]) => identifying.includes(name)));
  return {
    ...resource,
    change: { ...resource.change, before: identity(before), after: identity(after) },
  };
}
