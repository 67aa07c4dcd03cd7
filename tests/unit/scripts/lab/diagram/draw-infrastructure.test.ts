import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drawInfrastructure } from "../../../../../scripts/lab/diagram/draw-infrastructure.ts";

const docs = join(import.meta.dirname, "../../../../../docs");
const drawn = drawInfrastructure();

describe("docs/infra", () => {
  it.each(["dot", "svg"] as const)("infra.%s is what `make diagram` draws", async (format) => {
    const kept = readFileSync(join(docs, `infra.${format}`), "utf8");

    expect((await drawn)[format] === kept ? "up to date" : "stale: run `make diagram`").toBe(
      "up to date",
    );
  });

  it("knows every type of resource in the stacks by a name for people", async () => {
    expect((await drawn).dot).not.toMatch(/label="aws_/);
  });

  it("draws the URL as what is there only when it is asked for", async () => {
    expect((await drawn).dot).toMatch(/aws_lambda_function_url" \[.*dashed/);
    expect((await drawn).dot).not.toMatch(/aws_lambda_function" \[.*dashed/);
  });
});
