import { headline, reviewMarkdown } from "../../../../scripts/review/review-markdown.ts";
import { type PlanReview, reviewPlans } from "../../../../scripts/review/review-plans.ts";
import type { ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { planChange, planOf, policyText } from "../../../helpers/plan-change.ts";
import { planText, recordedPlan } from "../../../helpers/recorded-plan.ts";

const today = "2026-11-23";
const url = {
  rule: "public-url",
  stack: "service-every-danger",
  address: "aws_lambda_function_url.url_url_3A2B1C4D",
  reason: "a week | for <everyone> @here",
  expires: "2026-11-30",
};

function review(...names: string[]): PlanReview {
  return reviewPlans(names.map(recordedPlan), [], today);
}

function markdownOf(...resources: ResourceChange[]): string {
  return reviewMarkdown(reviewPlans([planOf(resources)], [], today));
}

/** What a review says of a change, behind the name of its resource. */
function shown(values: Partial<ResourceChange>): string | undefined {
  const row = /^\| \w+ \| `a\.example` \| ?(.*) \|$/m.exec(markdownOf(planChange("a", values)));
  return row?.[1];
}

describe("headline", () => {
  it.each([
    ["service-every-danger", "Plan review: 11 dangers, 14 warnings"],
    ["service-first-deploy", "Plan review: 1 warning"],
    ["service-new-image", "Plan review: no findings"],
    ["service-no-changes", "Plan review: no changes"],
  ])("of %s", (name, text) => {
    expect(headline(review(name))).toBe(text);
  });
});

describe("reviewMarkdown", () => {
  it("hides what Terraform marks as sensitive", () => {
    expect(planText("terraform-data-change")).toContain("hush");
    expect(reviewMarkdown(review("terraform-data-change"))).not.toContain("hush");
  });

  it("counts the changes of each stack", () => {
    expect(reviewMarkdown(review("service-every-danger", "registry-every-danger"))).toContain(
      [
        "| stack | delete | replace | forget | update | create |",
        "|---|---|---|---|---|---|",
        "| `service-every-danger` | 1 | 1 | 0 | 7 | 4 |",
        "| `registry-every-danger` | 1 | 1 | 0 | 1 | 0 |",
      ].join("\n"),
    );
  });

  it.each([
    ["create", "after", "+"],
    ["delete", "before", "-"],
  ] as const)("shows whom a permission lets in: %s", (kind, side, sign) => {
    const values = {
      principal: "arn:aws:iam::123456789012:root",
      action: "lambda:InvokeFunctionUrl",
      function_name: "bitnet",
      qualifier: "live",
      function_url_auth_type: "AWS_IAM",
    };
    const permission = planChange("aws_lambda_permission", { kind, [side]: values });

    expect(markdownOf(permission)).toContain(
      `| ${kind} | \`aws_lambda_permission.example\` | \`permission\`:<br>\`${sign} arn:aws:iam::123456789012:root: lambda:InvokeFunctionUrl on bitnet:live, on a condition\` |`,
    );
  });

  it("shows the cost of tokens before and after, with its basis", () => {
    const markdown = reviewMarkdown(review("service-safer"));

    expect(markdown).toContain(
      "$2.32 (4096 MB x86_64, 29 tokens/s) → $4.42 (3008 MB arm64, 9 tokens/s) per million tokens",
    );
    expect(markdown).toContain("decoding only, at bitnet.cpp's published speeds");
  });

  it("lists what was changed outside Terraform", () => {
    expect(reviewMarkdown(review("service-new-image"))).toMatch(
      /### Changed outside Terraform since the last apply\n\n- `aws_cloudwatch_log_group\.logs`\n$/,
    );
  });

  it("does not list what the provider only spells in another way after the apply", () => {
    expect(planText("service-no-changes")).toContain('"resource_drift": [\n    {');
    expect(reviewMarkdown(review("service-no-changes"))).not.toContain("outside Terraform");
  });

  it("lists an accepted finding separately, with its reason escaped", () => {
    const plan = recordedPlan("service-every-danger");
    const markdown = reviewMarkdown(reviewPlans([plan], [url], today));

    expect(markdown).toContain("## Plan review: 10 dangers, 14 warnings");
    expect(markdown).toContain("a week \\| for \\<everyone\\> \\@here | 2026-11-30 |");
    expect(markdown).not.toContain("`public-url`: a URL");
  });

  it.each([
    [{ expires: "2026-11-22" }, "| **danger** (acceptance expired on 2026-11-22) | `public-url`"],
    [{ address: "gone" }, "| `public-url` | `gone` | no longer found: remove this entry |"],
  ])("shows an acceptance without effect: %j", (change, line) => {
    const plan = recordedPlan("service-every-danger");

    expect(reviewMarkdown(reviewPlans([plan], [{ ...url, ...change }], today))).toContain(line);
  });

  const secret = (key: string) => ({
    input: { secret: key },
    environment: [{ variables: { KEY: key } }],
  });
  const rights = (...actions: string[]) => ({
    policy: policyText({ Action: actions, Resource: "arn:r" }),
  });
  const dozen = Array.from({ length: 12 }, (_, index) => `\`a${index}\`: \`null\` → \`1\``);

  it.each<[string, Partial<ResourceChange>, string]>([
    [
      "each changed value by its path",
      {
        before: { same: 1, memory: 1, cors: [{ origins: ["x", "y"] }], gone: true, block: [] },
        after: { same: 1, memory: 2, cors: [{ origins: ["x", "z"] }], block: [{ on: true }] },
      },
      '`memory`: `1` → `2`<br>`cors[0].origins[1]`: `"y"` → `"z"`<br>`gone`: `true` → `null`<br>`block[0].on`: `null` → `true`',
    ],
    [
      "what forces a replacement first, and no new identifier",
      {
        kind: "replace",
        before: { id: "1", tag: "x", name: "old", config: [{ type: "KMS" }] },
        after: { tag: "y", name: "new", config: [{ type: "AES256" }] },
        unknown: { id: true },
        replacePaths: [["name"], ["config"]],
        reason: "replace_because_cannot_update",
      },
      '**forces the replacement:** `name`: `"old"` → `"new"`<br>**forces the replacement:** `config[0].type`: `"KMS"` → `"AES256"`<br>`tag`: `"x"` → `"y"`',
    ],
    [
      "Terraform's reason where no attribute forces it",
      { kind: "replace", reason: "replace_because_tainted" },
      "replace because tainted",
    ],
    [
      "that a value is known only after the apply",
      { before: { version: "7" }, unknown: { version: true, fresh: true } },
      '`version`: `"7"` → `(known after apply)`<br>`fresh`: `null` → `(known after apply)`',
    ],
    [
      "no sensitive value, and none of the environment",
      {
        ...{ before: secret("old"), after: secret("new") },
        ...{ beforeSensitive: { input: { secret: true } }, afterSensitive: { input: true } },
      },
      "`input.secret`: `(sensitive)` → `(sensitive)`<br>`environment[0].variables.KEY`: `(sensitive)` → `(sensitive)`",
    ],
    [
      "the beginning of a long value",
      { before: { image: "-".repeat(80) } },
      `\`image\`: \`"${"-".repeat(63)}…\` → \`null\``,
    ],
    [
      "every value inside its cell",
      { after: { name: "`|<img>\n@here" } },
      '`name`: `null` → `"\'\\|<img>\\n@here"`',
    ],
    [
      "at most a dozen values",
      { after: Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`a${index}`, 1])) },
      `${dozen.join("<br>")}<br>and 3 more`,
    ],
    ["nothing of what stays as it is", { before: rights("a:B"), after: rights("a:B") }, ""],
    ["nothing of a created resource's values", { kind: "create", after: { a: 1 } }, ""],
    ["nothing of a deleted resource's values", { kind: "delete", before: { a: 1 } }, ""],
  ])("shows %s", (_name, change, cell) => {
    expect(shown(change)).toBe(cell);
  });

  it("shows long values from shortly before their difference", () => {
    const body = (title: string) =>
      JSON.stringify({ title: `${"-".repeat(80)}${title}`, rest: "-".repeat(80) });

    expect(shown({ before: { body: body("old") }, after: { body: body("new") } })).toMatch(
      /^`body`: `(?=.{0,66}`)…-+old[^`]+…` → `(?=.{0,66}`)…-+new[^`]+…`$/,
    );
  });

  it("shows the changed rights instead of a policy's JSON", () => {
    const change = { before: rights("a:B", "a:C"), after: rights("a:C", "a:D") };

    expect(markdownOf(planChange("aws_iam_role_policy", change))).toContain(
      "| `policy`:<br>`+ a:D on arn:r`<br>`- a:B on arn:r` |",
    );
  });

  it("shows an address inside its cell", () => {
    const change = planChange("a", { kind: "create", address: "a.`x`|y\n# z" });

    expect(markdownOf(change)).toContain("| create | `a.'x'\\|y # z` | |");
  });

  it("fits into a comment", () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      planChange("a", { address: `a.number-${index}`, after: { a: 1 } }),
    );

    expect(markdownOf(...many).length).toBeLessThan(61_000);
    expect(markdownOf(...many)).toContain("too long for a comment");
  });
});
