import * as z from "zod";
import { schemaSummary } from "../../../../../scripts/lab/docs/schema-summary.ts";

const fromText = z.string().regex(/^\d+$/, "must be a whole number").transform(Number);

describe("schemaSummary", () => {
  it.each([
    ["a number", z.int().min(1, "at least 1").max(5), "1 to 5"],
    ["a number with a reason", z.int().min(2, "at least 2, so that x").max(5), "2 to 5, so that x"],
    ["a number from text", fromText.pipe(z.number().min(1).max(5)), "1 to 5"],
    ["a value made of text", z.string("must be text").transform(Number), "text"],
    ["text", z.string(), "text"],
    ["text that is not empty", z.string().min(1, "must not be empty"), "text"],
    [
      "text of a form",
      z.string().regex(/a/, "must be an a").max(3, "at most 3"),
      "an a; at most 3",
    ],
    ["a choice", z.enum(["a", "b"]), "`a`, `b`"],
    ["values", z.literal([1, "x"]), "`1`, `x`"],
    ["many values", z.literal([1, 2, 3, 4, 5, 6, 7, 8, 9]), "`1`, `2`, `3`, `4`, `5` … `9`"],
    ["yes or no", z.boolean(), "`true`, `false`"],
    ["a list", z.array(z.enum(["a"])), "a list: `a`"],
    ["pairs", z.record(z.string(), z.string()), "`name=value`, separated by commas"],
    ["what may be left out", z.enum(["a"]).optional(), "`a`"],
  ])("of %s", (_name, schema, allowed) => {
    expect(schemaSummary(schema)).toEqual({ allowed, defaultValue: undefined });
  });

  it("tells the default", () => {
    expect(schemaSummary(z.enum(["a", "b"]).default("b"))).toEqual({
      allowed: "`a`, `b`",
      defaultValue: "b",
    });
  });

  it("has no words for what it does not know", () => {
    expect(() => schemaSummary(z.date())).toThrow("no words yet for a schema of type date");
  });
});
