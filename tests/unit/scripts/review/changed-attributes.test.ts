import { changedAttributes } from "../../../../scripts/review/changed-attributes.ts";
import type { Attributes, ResourceChange } from "../../../../scripts/review/terraform-plan.ts";
import { planChange } from "../../../helpers/plan-change.ts";

const plain = { forcesReplace: false };
const hidden = { before: "(sensitive)", after: "(sensitive)", ...plain };

/** The values that an update changes. */
function changed(before: Attributes, after: Attributes, more: Partial<ResourceChange> = {}) {
  return changedAttributes(planChange("a", { before, after, ...more }));
}

describe("changedAttributes", () => {
  it("names each changed value by its path", () => {
    const before = { same: 1, memory: 1, cors: [{ origins: ["x", "y"] }], gone: true, block: [] };
    const after = { same: 1, memory: 2, cors: [{ origins: ["x", "z"] }], block: [{ on: true }] };

    expect(changed(before, after)).toEqual([
      { path: "memory", before: "1", after: "2", ...plain },
      { path: "cors[0].origins[1]", before: '"y"', after: '"z"', ...plain },
      { path: "gone", before: "true", after: "null", ...plain },
      { path: "block[0].on", before: "null", after: "true", ...plain },
    ]);
  });

  it("lists what forces a replacement first", () => {
    const attributes = changed(
      { id: "1", tag: "x", name: "old", config: [{ type: "KMS" }] },
      { tag: "y", name: "new", config: [{ type: "AES256" }] },
      { kind: "replace", unknown: { id: true }, replacePaths: [["name"], ["config"]] },
    );

    expect(attributes).toMatchObject([
      { path: "name", forcesReplace: true },
      { path: "config[0].type", forcesReplace: true },
      { path: "tag", forcesReplace: false },
    ]);
  });

  it("marks a value that is known only after the apply", () => {
    expect(changed({ version: "7" }, {}, { unknown: { version: true } })).toEqual([
      { path: "version", before: '"7"', after: "(known after apply)", ...plain },
    ]);
  });

  it("shows no sensitive value, and none of the environment", () => {
    const values = (key: string) => ({
      input: { secret: key },
      environment: [{ variables: { KEY: key } }],
    });
    const masks = { beforeSensitive: { input: { secret: true } }, afterSensitive: { input: true } };

    expect(changed(values("old"), values("new"), masks)).toEqual([
      { path: "input.secret", ...hidden },
      { path: "environment[0].variables.KEY", ...hidden },
    ]);
  });

  it("shows long values from shortly before their difference", () => {
    const body = (title: string) =>
      JSON.stringify({ title: `${"-".repeat(80)}${title}`, rest: "-".repeat(80) });

    expect(changed({ body: body("old") }, { body: body("new") })).toMatchObject([
      {
        before: expect.stringMatching(/^(?=.{0,66}$)…-+old.+…$/),
        after: expect.stringMatching(/^(?=.{0,66}$)…-+new.+…$/),
      },
    ]);
    expect(changed({ image: "-".repeat(80) }, {})).toMatchObject([
      { before: `"${"-".repeat(63)}…`, after: "null" },
    ]);
  });

  it.each(["create", "delete", "keep", "forget"] as const)("has nothing for a %s", (kind) => {
    expect(changed({ a: 1 }, { a: 2 }, { kind })).toEqual([]);
  });
});
