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

  it("names what forces a replacement", () => {
    expect(reviewMarkdown(review("service-every-danger"))).toContain(
      "| replace | `aws_cloudwatch_log_group.logs` | **forces the replacement:** `name`: " +
        '`"/aws/lambda/bitnet-lambda-dev-function"` → `"/aws/lambda/renamed"`<br>',
    );
  });

  it("gives Terraform's reason where no attribute forces it", () => {
    const tainted = planChange("a", { kind: "replace", reason: "replace_because_tainted" });

    expect(markdownOf(tainted)).toContain("| replace | `a.example` | replace because tainted |");
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

  it("shows the changed rights instead of a policy's JSON", () => {
    const policy = planChange("aws_iam_role_policy", {
      before: { policy: policyText({ Action: ["a:B", "a:C"], Resource: "arn:r" }) },
      after: { policy: policyText({ Action: ["a:C", "a:D"], Resource: "arn:r" }) },
    });

    expect(markdownOf(policy)).toContain("| `policy`:<br>`+ a:D on arn:r`<br>`- a:B on arn:r` |");
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

  it("keeps every value inside its cell", () => {
    const evil = planChange("a", { address: "a.`x`|y\n# z", after: { name: "`|<img>\n@here" } });

    expect(markdownOf(evil)).toContain(
      "| update | `a.'x'\\|y # z` | `name`: `null` → `\"'\\|<img>\\n@here\"` |",
    );
  });

  it("shows at most a dozen attributes", () => {
    const after = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`a${index}`, 1]));

    expect(markdownOf(planChange("a", { after }))).toContain("`a11`: `null` → `1`<br>and 3 more |");
  });

  it("fits into a comment", () => {
    const many = Array.from({ length: 2000 }, (_, index) =>
      planChange("a", { address: `a.number-${index}`, after: { a: 1 } }),
    );

    expect(markdownOf(...many).length).toBeLessThan(61_000);
    expect(markdownOf(...many)).toContain("too long for a comment");
  });
});
