import { readFileSync } from "node:fs";
import { documentation } from "../../../../../scripts/lab/docs/documentation.ts";
import { synthesized } from "../../../../helpers/stack-config.ts";

/** Settings that create every resource type. */
const everyOption = {
  FUNCTION_URL: "AWS_IAM",
  LAMBDA_CONCURRENCY_LIMIT: "2",
  LAMBDA_PROVISIONED_CONCURRENCY: "1",
  BATCH: "on",
};

const files = documentation();

describe("the documentation", () => {
  it("is up to date: else run `make docs`", async () => {
    const stale = (await files).filter(({ current, generated }) => current !== generated);

    expect(await files).toHaveLength(4);
    expect(stale.map(({ path }) => path)).toEqual([]);
  });

  it("contains every table", async () => {
    const names = (await files).flatMap(({ current }) =>
      [...current.matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name),
    );

    expect(names.toSorted()).toEqual(["compatibility", "request", "settings", "variables"]);
  });

  it("describes every setting and variable", async () => {
    const rows = (await files).flatMap(({ current }) => current.match(/^\| `[A-Z]\w*`.*/gm) ?? []);

    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => row.endsWith("| |"))).toEqual([]);
  });
});

describe("docs/demo.svg", () => {
  it("shows every line that the README says make demo prints", async () => {
    const picture = (await files).find(({ path }) => path === "docs/demo.svg")?.current;
    const shown = [...(picture ?? "").matchAll(/<text[^>]*>(.*)<\/text>/g)].map(([, line]) => line);

    expect(shown.slice(0, 3)).toEqual([
      "$ make demo",
      "&gt; What is the capital of France?",
      "The capital of France is Paris.",
    ]);
    expect(shown).toHaveLength(9);
  });
});

describe("docs/infra.dot", () => {
  it("shows exactly the resource types of the synthesized stacks", () => {
    const drawn = readFileSync("docs/infra.dot", "utf8").matchAll(/^ +(aws_\w+) \[/gm);
    const types = (["registry", "service"] as const).flatMap((kind) =>
      Object.keys(synthesized(kind, everyOption).resource),
    );

    // A bucket's policy, encryption and expiry are parts of it.
    const shown = types.filter((type) => !type.startsWith("aws_s3_bucket_"));
    expect([...drawn].map(([, type]) => type).toSorted()).toEqual(shown.toSorted());
  });
});
