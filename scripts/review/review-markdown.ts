import { counted } from "../cli/counted.ts";
import { markdownTable } from "../cli/markdown-table.ts";
import {
  type ChangedAttribute,
  changedAttributes,
  type PolicyChange,
  policyChanges,
} from "./changed-attributes.ts";
import { changedSizes, costText } from "./cost-rules.ts";
import { driftedAddresses } from "./drift.ts";
import { type Finding, openFindings, type PlanReview } from "./review-plans.ts";
import { severities } from "./rule.ts";
import {
  type ChangeKind,
  changeKinds,
  type ResourceChange,
  type TerraformPlan,
} from "./terraform-plan.ts";
import { speedSource } from "./token-cost.ts";

/** The first line of a review, by which CI finds the comment to update. */
export const commentMarker = "<!-- bitnet-lambda plan review -->";

/** Characters; GitHub accepts 65,536 in a comment. */
const maximumLength = 60_000;
const maximumAttributes = 12;
const shownKinds = changeKinds.filter((kind) => kind !== "keep");

/** A review as GitHub Markdown. */
export function reviewMarkdown(review: PlanReview): string {
  const { plans } = review;
  const text = [
    commentMarker,
    `## ${headline(review)}`,
    "",
    markdownTable(["stack", ...shownKinds], plans.map(countsRow)),
    ...section("Findings", ["", "rule", "resource", "found"], findingRows(openFindings(review))),
    ...plans.flatMap((plan) =>
      section(code(plan.stack), ["", "resource", "what changes"], changeRows(plan)),
    ),
    ...costs(plans),
    ...section("Accepted", ["rule", "resource", "reason", "until"], acceptedRows(review)),
    ...drift(plans),
  ].join("\n");
  return text.length <= maximumLength
    ? `${text}\n`
    : `${text.slice(0, maximumLength)}…\n\n**This review is too long for a comment: the rest is in the log of the run.**\n`;
}

/** `Plan review: 1 danger, 2 warnings`. */
export function headline(review: PlanReview): string {
  const open = openFindings(review);
  const counts = severities.flatMap((severity) => {
    const count = open.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  const isEmpty = review.plans.every((plan) => changesOf(plan).length === 0);
  const otherwise = isEmpty ? "no changes" : "no findings";
  return `Plan review: ${counts.length > 0 ? counts.join(", ") : otherwise}`;
}

/** A table under a heading; nothing without rows. */
function section(title: string, head: string[], rows: string[][]): string[] {
  return rows.length === 0 ? [] : ["", `### ${title}`, "", markdownTable(head, rows)];
}

function countsRow(plan: TerraformPlan): string[] {
  return [code(plan.stack), ...shownKinds.map((kind) => String(changesOf(plan, kind).length))];
}

/** One row for all findings of one rule in one resource. */
function findingRows(findings: readonly Finding[]): string[][] {
  const rows = new Map<string, string[]>();
  for (const finding of findings) {
    const { rule, title, stack, address, message } = finding;
    const place = [rule, stack, address].join("\n");
    const before = rows.get(place);
    const found = before ? `${before[3]}<br>${code(message)}` : code(message);
    rows.set(place, [severityText(finding), `${code(rule)}: ${title}`, code(address), found]);
  }
  return [...rows.values()];
}

function severityText({ severity, accepted, isExpired }: Finding): string {
  const text = severity === "danger" ? "**danger**" : severity;
  return isExpired ? `${text} (acceptance expired on ${accepted?.expires})` : text;
}

function changeRows(plan: TerraformPlan): string[][] {
  return shownKinds.flatMap((kind) =>
    changesOf(plan, kind).map((change) => [kind, code(change.address), whatChanges(change)]),
  );
}

function whatChanges(change: ResourceChange): string {
  const attributes = changedAttributes(change);
  const forcing = attributes.filter(({ forcesReplace }) => forcesReplace);
  const policies = policyChanges(change);
  const others = attributes.filter(
    ({ forcesReplace, path }) => !forcesReplace && !policies.some((policy) => policy.path === path),
  );
  return [
    ...forcing.map((attribute) => `**forces the replacement:** ${attributeText(attribute)}`),
    // `delete_because_no_resource_config` → `delete because no resource config`
    ...(forcing.length === 0 && change.reason ? [change.reason.replaceAll("_", " ")] : []),
    ...others.slice(0, maximumAttributes).map(attributeText),
    ...policies.map(policyText),
    ...more(others.length - maximumAttributes),
  ].join("<br>");
}

function attributeText({ path, before, after }: ChangedAttribute): string {
  return `${code(path)}: ${code(before)} → ${code(after)}`;
}

/** The changed rights, because a diff of two policies in JSON is unreadable. */
function policyText({ path, gained, lost }: PolicyChange): string {
  const rights = [...gained.map((right) => `+ ${right}`), ...lost.map((right) => `- ${right}`)];
  const shown = rights.slice(0, maximumAttributes).map(code);
  return [`${code(path)}:`, ...shown, ...more(rights.length - maximumAttributes)].join("<br>");
}

function more(count: number): string[] {
  return count > 0 ? [`and ${count} more`] : [];
}

function costs(plans: readonly TerraformPlan[]): string[] {
  const rows = plans.flatMap(({ resources }) =>
    resources.flatMap((change) => {
      const sizes = changedSizes(change);
      return sizes === undefined ? [] : [[code(change.address), costText(sizes)]];
    }),
  );
  const table = section("Cost of tokens", ["resource", ""], rows);
  return table.length === 0 ? [] : [...table, "", `(${speedSource})`];
}

function acceptedRows({ findings, unneeded }: PlanReview): string[][] {
  const accepted = findings.flatMap(({ rule, address, accepted: entry, isExpired }) =>
    entry === undefined || isExpired
      ? []
      : [[code(rule), code(address), plain(entry.reason), entry.expires]],
  );
  const advice = "no longer found: remove this entry";
  return [
    ...accepted,
    ...unneeded.map(({ rule, address }) => [code(rule), code(address), advice, ""]),
  ];
}

function drift(plans: readonly TerraformPlan[]): string[] {
  const list = plans.flatMap(driftedAddresses).map((address) => `- ${code(address)}`);
  const heading = "### Changed outside Terraform since the last apply";
  return list.length === 0 ? [] : ["", heading, "", ...list];
}

function changesOf({ resources }: TerraformPlan, kind?: ChangeKind): readonly ResourceChange[] {
  return resources.filter((change) =>
    kind === undefined ? change.kind !== "keep" : change.kind === kind,
  );
}

/** Text from a plan as code. Nothing in it can end the code or mention a GitHub user. */
function code(text: string): string {
  return `\`${text.replaceAll(/\s+/g, " ").replaceAll("`", "'")}\``;
}

/** Text from a file, with Markdown, HTML and mentions escaped; the table escapes `|`. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_{}[\]()#+!<>@~&]/g, "\\$&");
}
