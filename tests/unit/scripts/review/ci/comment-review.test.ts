import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commentMarker } from "../../../../../scripts/review/review-markdown.ts";
import { type CiCheckout, ciCheckout } from "../../../../helpers/fakes/fake-gh.ts";

let checkout: CiCheckout;
afterEach(() => checkout.remove());

/** Runs the script where GitHub knows of comments with these ids. */
function comment(...ids: string[]) {
  checkout = ciCheckout(`[ "$2" = --paginate ] && printf '%s' '${ids.join("\n")}' || true`);
  writeFileSync(join(checkout.folder, "review.md"), `${commentMarker}\n## Plan review\n`);
  return checkout.run("comment-review.sh", "review.md", "12");
}

describe("comment-review.sh", () => {
  it("posts the first comment", () => {
    expect(comment().status).toBe(0);
    expect(checkout.calls()[1]?.replaceAll("\n", " ")).toBe(
      "api --silent --method POST repos/owner/name/issues/12/comments --field body=@review.md",
    );
  });

  it.each([[["7"]], [["7", "8"]]])("updates the first of %j in place", (ids) => {
    expect(comment(...ids).status).toBe(0);
    expect(checkout.calls()).toHaveLength(2);
    expect(checkout.calls()[1]).toContain("PATCH\nrepos/owner/name/issues/comments/7\n");
  });

  it("looks for its own comment by author and marker", () => {
    comment();

    expect(checkout.calls()[0]).toContain(
      `select(.user.login == "github-actions[bot]" and (.body | startswith("${commentMarker}")))`,
    );
  });

  it("fails when GitHub does", () => {
    checkout = ciCheckout("exit 4");
    writeFileSync(join(checkout.folder, "review.md"), commentMarker);

    expect(checkout.run("comment-review.sh", "review.md", "12").status).not.toBe(0);
  });
});
