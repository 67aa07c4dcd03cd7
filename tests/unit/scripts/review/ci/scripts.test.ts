import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commentMarker } from "../../../../../scripts/review/review-markdown.ts";
import { type CiCheckout, ciCheckout } from "../../../../helpers/fakes/fake-gh.ts";

const notPlanned = "run 77 is not a plan that passed its review";
const goodRun = ".github/workflows/plan.yml pull_request success";

let checkout: CiCheckout;
afterEach(() => checkout.remove());

/** A checkout where GitHub reports this run, with an artifact that contains `the plan`. */
function checkoutWhere({ run = "77", madeBy = goodRun } = {}): CiCheckout {
  return ciCheckout(`case "$1 $2" in
    *artifacts*) printf '%s' '${run}' ;;
    "api "*) printf '%s' '${madeBy}' ;;
    "run download") printf 'the plan' > plan.tar ;;
  esac`);
}

const sha256 = createHash("sha256").update("the plan").digest("hex");

describe("pack-plan.sh", () => {
  it("packs plans and review, named by the git tree, without providers", () => {
    checkout = checkoutWhere();
    const stack = join(checkout.folder, "cdktf.out/stacks/service");
    mkdirSync(join(stack, ".terraform/providers"), { recursive: true });
    for (const name of ["plan.tfplan", ".terraform.lock.hcl", ".terraform/providers/aws"]) {
      writeFileSync(join(stack, name), name);
    }
    writeFileSync(join(checkout.folder, "review.md"), "review");

    const { status, stdout } = checkout.run("pack-plan.sh", "review.md");

    const list = execFileSync("tar", ["--list", "--file", join(checkout.folder, "plan.tar")], {
      encoding: "utf8",
    });
    expect(status).toBe(0);
    expect(stdout).toBe(`name=plan-${checkout.git("rev-parse", "HEAD^{tree}")}\n`);
    expect((list.match(/.*[^/\n]$/gm) ?? []).sort()).toEqual([
      "cdktf.out/stacks/service/.terraform.lock.hcl",
      "cdktf.out/stacks/service/plan.tfplan",
      "review.md",
    ]);
  });
});

describe("fetch-plan.sh", () => {
  it("fetches the plan of this tree and prints its run and its hash", () => {
    checkout = checkoutWhere();
    const tree = checkout.git("rev-parse", "HEAD^{tree}");

    const { status, stdout } = checkout.run("fetch-plan.sh");

    expect({ status, stdout }).toEqual({ status: 0, stdout: `run_id=77\nsha256=${sha256}\n` });
    expect(readFileSync(join(checkout.folder, "plan.tar"), "utf8")).toBe("the plan");
    expect(checkout.calls()[0]).toContain(`actions/artifacts?name=plan-${tree}&per_page=100`);
    // Not of forks.
    expect(checkout.calls()[0]).toContain("select(.head_repository_id == .repository_id)");
    expect(checkout.calls()[2]?.split("\n").slice(0, 3)).toEqual(["run", "download", "77"]);
  });

  it("finds the same plan after the branch was squashed onto main", () => {
    checkout = checkoutWhere();
    const tree = checkout.git("rev-parse", "HEAD^{tree}");
    checkout.git("commit", "--quiet", "--allow-empty", "--amend", "--message", "squashed (#12)");

    checkout.run("fetch-plan.sh");

    expect(checkout.calls()[0]).toContain(`plan-${tree}`);
  });

  it("accepts the file that was approved", () => {
    checkout = checkoutWhere();

    expect(checkout.run("fetch-plan.sh", "77", sha256).status).toBe(0);
  });

  it.each([
    ["there is no plan of this tree", { run: "" }, [], "no plan was made of this tree of files"],
    ["its review failed", { madeBy: goodRun.replace("success", "failure") }, [], notPlanned],
    ["another workflow made it", { madeBy: goodRun.replace("plan", "x") }, [], notPlanned],
    ["another event made it", { madeBy: goodRun.replace("pull_request", "push") }, [], notPlanned],
    ["it was not approved", {}, ["77", "0".repeat(64)], "the plan has changed since it was"],
  ] as const)("stops when %s", (_name, github, rest, message) => {
    checkout = checkoutWhere(github);
    const { status, stdout, stderr } = checkout.run("fetch-plan.sh", ...rest);

    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(`::error::${message}`);
  });
});

/** Runs the script where GitHub knows of comments with these ids. */
function comment(...ids: string[]) {
  checkout = ciCheckout(`[ "$2" = --paginate ] && printf '%s' '${ids.join("\n")}' || true`);
  writeFileSync(join(checkout.folder, "review.md"), `${commentMarker}\n## Plan review\n`);
  return checkout.run("comment-review.sh", "review.md", "12");
}

describe("comment-review.sh", () => {
  it("posts the first comment, after it has looked for one by author and marker", () => {
    expect(comment().status).toBe(0);
    expect(checkout.calls()[0]).toContain(
      `select(.user.login == "github-actions[bot]" and (.body | startswith("${commentMarker}")))`,
    );
    expect(checkout.calls()[1]?.replaceAll("\n", " ")).toBe(
      "api --silent --method POST repos/owner/name/issues/12/comments --field body=@review.md",
    );
  });

  it.each([[["7"]], [["7", "8"]]])("updates the first of %j in place", (ids) => {
    expect(comment(...ids).status).toBe(0);
    expect(checkout.calls()).toHaveLength(2);
    expect(checkout.calls()[1]).toContain("PATCH\nrepos/owner/name/issues/comments/7\n");
  });
});

it.each([["fetch-plan.sh"], ["comment-review.sh", "review.md", "12"]])(
  "%s fails when GitHub does",
  (script, ...rest) => {
    checkout = ciCheckout("exit 4");

    expect(checkout.run(script, ...rest).status).not.toBe(0);
  },
);
