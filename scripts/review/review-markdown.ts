import { type ChangeKind, changeKinds } from "./change-kind.ts";
import { type ChangedAttribute, changedAttributes } from "./changed-attributes.ts";
import { changedSizes, costText } from "./cost-rules.ts";
import { type PolicyChange, policyChanges } from "./policy-changes.ts";
import { type Finding, openFindings, type PlanReview } from "./review-plans.ts";
import { type Severity, severities } from "./rule.ts";
import type { ResourceChange, TerraformPlan } from "./terraform-plan.ts";
import { speedSource } from "./token-cost.ts";

/** The first line, by which CI finds the comment to update. */
export const commentMarker = "<!-- bitnet-lambda plan review -->";

/** GitHub takes 65,536 characters in a comment. */
const longestComment = 60_000;
const mostAttributes = 12;
const shownKinds = changeKinds.filter((kind) => kind !== "keep");

/** A review for people, as GitHub's Markdown. */
export function reviewMarkdown(review: PlanReview): string {
  const text = [
    commentMarker,
    `## ${headline(review)}`,
    ...summary(review.plans),
    ...findingsTable("Findings", openFindings(review)),
    ...review.plans.flatMap(changesTable),
    ...costs(review.plans),
    ...acceptedTable(review),
    ...drift(review.plans),
  ].join("\n");
  return text.length <= longestComment
    ? `${text}\n`
    : `${text.slice(0, longestComment)}…\n\n**This review is too long for a comment: the rest is in the log of the run.**\n`;
}

/** `Plan review: 1 danger, 2 warnings`. */
export function headline(review: PlanReview): string {
  const open = openFindings(review);
  const counts = severities.flatMap((severity) => {
    const count = open.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  const isEmpty = review.plans.every((plan) => changesOf(plan).length === 0);
  const otherwise = isEmpty ? "nothing changes" : "nothing to object to";
  return `Plan review: ${counts.length > 0 ? counts.join(", ") : otherwise}`;
}

function summary(plans: readonly TerraformPlan[]): string[] {
  return [
    "",
    ...table(
      ["stack", ...shownKinds],
      plans.map((plan) => [
        code(plan.stack),
        ...shownKinds.map((kind) => String(changesOf(plan, kind).length)),
      ]),
    ),
  ];
}

function findingsTable(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const rows = groupsOf(findings).map(([first, ...others]) => [
    severityText(first),
    `${code(first.rule)}: ${first.title}`,
    code(first.address),
    [first, ...others].map(({ message }) => code(message)).join("<br>"),
  ]);
  return ["", `### ${title}`, "", ...table(["", "rule", "resource", "found"], rows)];
}

/** What one rule found in one resource stands in one row. */
function groupsOf(findings: readonly Finding[]): [Finding, ...Finding[]][] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const key = [finding.rule, finding.stack, finding.address].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

function severityText({ severity, accepted, isExpired }: Finding): string {
  const text: Record<Severity, string> = { danger: "**danger**", warning: "warning", note: "note" };
  return isExpired
    ? `${text[severity]} (accepted, but only until ${accepted?.expires})`
    : text[severity];
}

function changesTable(plan: TerraformPlan): string[] {
  const rows = shownKinds.flatMap((kind) =>
    changesOf(plan, kind).map((change) => [kind, code(change.address), whatChanges(change)]),
  );
  if (rows.length === 0) return [];
  return ["", `### ${code(plan.stack)}`, "", ...table(["", "resource", "what changes"], rows)];
}

function whatChanges(change: ResourceChange): string {
  const attributes = changedAttributes(change);
  const forcing = attributes.filter(({ forcesReplace }) => forcesReplace);
  const policies = policyChanges(change);
  const others = attributes.filter(
    ({ forcesReplace, path }) => !forcesReplace && !policies.some((policy) => policy.path === path),
  );
  const shown = others.slice(0, mostAttributes).map(attributeText);
  const more = others.length - shown.length;
  return [
    ...forcing.map((attribute) => `**forces the replacement:** ${attributeText(attribute)}`),
    ...(forcing.length === 0 && change.reason ? [reasonText(change.reason)] : []),
    ...shown,
    ...policies.map(policyText),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("<br>");
}

function attributeText({ path, before, after }: ChangedAttribute): string {
  return `${code(path)}: ${code(before)} → ${code(after)}`;
}

/** The rights, since nobody can compare two lines of JSON. */
function policyText({ path, gained, lost }: PolicyChange): string {
  const rights = [...gained.map((right) => `+ ${right}`), ...lost.map((right) => `- ${right}`)];
  const shown = rights.slice(0, mostAttributes).map(code);
  const more = rights.length - shown.length;
  return [`${code(path)}:`, ...shown, ...(more > 0 ? [`and ${more} more`] : [])].join("<br>");
}

/** `delete_because_no_resource_config` → `delete because no resource config`. */
function reasonText(reason: string): string {
  return reason.replaceAll("_", " ");
}

function costs(plans: readonly TerraformPlan[]): string[] {
  const rows = plans.flatMap(({ resources }) =>
    resources.flatMap((change) => {
      const sizes = changedSizes(change);
      return sizes === undefined ? [] : [[code(change.address), costText(sizes)]];
    }),
  );
  if (rows.length === 0) return [];
  return ["", "### Cost of tokens", "", ...table(["resource", ""], rows), "", `(${speedSource})`];
}

function acceptedTable({ findings, unneeded }: PlanReview): string[] {
  const rows = findings.flatMap(({ rule, address, accepted, isExpired }) =>
    accepted === undefined || isExpired
      ? []
      : [[code(rule), code(address), plain(accepted.reason), accepted.expires]],
  );
  const stale = unneeded.map(({ rule, address }) => [
    code(rule),
    code(address),
    "not needed: take it out",
    "",
  ]);
  if (rows.length + stale.length === 0) return [];
  return [
    "",
    "### Accepted",
    "",
    ...table(["rule", "resource", "reason", "until"], [...rows, ...stale]),
  ];
}

function drift(plans: readonly TerraformPlan[]): string[] {
  const addresses = plans.flatMap(({ drifted }) => drifted);
  if (addresses.length === 0) return [];
  const list = addresses.map((address) => `- ${code(address)}`);
  return ["", "### Changed outside Terraform since the last apply", "", ...list];
}

function changesOf({ resources }: TerraformPlan, kind?: ChangeKind): readonly ResourceChange[] {
  return resources.filter((change) =>
    kind === undefined ? change.kind !== "keep" : change.kind === kind,
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

/** Text from a plan as code that can neither end the cell nor the code, nor call anybody. */
function code(text: string): string {
  return `\`${oneLine(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

/** Text from a file as itself: no Markdown, no HTML, nobody called. */
function plain(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]()#+!<>@~|&]/g, (character) => `\\${character}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
