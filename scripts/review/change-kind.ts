import { UserError } from "../../model/user-error.ts";
/** What can become of a resource, the worst first. `forget` leaves it to others, undeleted. */
export const changeKinds = ["delete", "replace", "forget", "update", "create", "keep"] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** Terraform's lists of actions. */
const kindOfActions: Readonly<Record<string, ChangeKind>> = {
  "no-op": "keep",
  read: "keep",
  create: "create",
  update: "update",
  delete: "delete",
  forget: "forget",
  "delete,create": "replace",
  "create,delete": "replace",
  "create,forget": "replace",
};

/** What Terraform's list of actions amounts to. @throws UserError for one that nobody knows */
export function changeKindOf(actions: readonly string[]): ChangeKind {
  const kind = kindOfActions[actions.join(",")];
  if (kind !== undefined) return kind;
  throw new UserError(
    `the plan has the actions [${actions.join(", ")}], which this review does not know; it would be wrong to pass over them.`,
  );
}
