import { changedAttributes } from "../../../../scripts/review/changed-attributes.ts";
import { planChange } from "../../../helpers/plan-change.ts";
import { recordedPlan } from "../../../helpers/recorded-plan.ts";

const plain = { forcesReplace: false };

describe("changedAttributes", () => {
  it("names each changed value by its path", () => {
    const change = planChange("a", {
      before: { same: 1, memory: 1, cors: [{ origins: ["x", "y"] }], gone: true, block: [] },
      after: { same: 1, memory: 2, cors: [{ origins: ["x", "z"] }], block: [{ on: true }] },
    });

    expect(changedAttributes(change)).toEqual([
      { path: "memory", before: "1", after: "2", ...plain },
      { path: "cors[0].origins[1]", before: '"y"', after: '"z"', ...plain },
      { path: "gone", before: "true", after: "null", ...plain },
      { path: "block[0].on", before: "null", after: "true", ...plain },
    ]);
  });

  it("lists what forces a replacement first", () => {
    const change = planChange("a", {
      kind: "replace",
      before: { id: "1", tag: "x", name: "old", config: [{ type: "KMS" }] },
      after: { tag: "y", name: "new", config: [{ type: "AES256" }] },
      unknown: { id: true },
      replacePaths: [["name"], ["config"]],
    });

    expect(
      changedAttributes(change).map(({ path, forcesReplace }) => [path, forcesReplace]),
    ).toEqual([
      ["name", true],
      ["config[0].type", true],
      ["tag", false],
    ]);
  });

  it("marks a value that is known only after the apply", () => {
    const change = planChange("a", { before: { version: "7" }, unknown: { version: true } });

    expect(changedAttributes(change)).toEqual([
      { path: "version", before: '"7"', after: "(known after apply)", ...plain },
    ]);
  });

  it("shows no sensitive value, and none of the environment", () => {
    const change = planChange("a", {
      before: { input: { secret: "old" }, environment: [{ variables: { KEY: "old" } }] },
      after: { input: { secret: "new" }, environment: [{ variables: { KEY: "new" } }] },
      beforeSensitive: { input: { secret: true } },
      afterSensitive: { input: true },
    });

    expect(changedAttributes(change)).toEqual([
      { path: "input.secret", before: "(sensitive)", after: "(sensitive)", ...plain },
      {
        path: "environment[0].variables.KEY",
        before: "(sensitive)",
        after: "(sensitive)",
        ...plain,
      },
    ]);
  });

  it("does not show the secret of a real plan", () => {
    const shown = JSON.stringify(
      recordedPlan("terraform-data-change").resources.flatMap(changedAttributes),
    );

    expect(shown).toContain("input.a");
    expect(shown).not.toContain("hush");
  });

  it("keeps both ends of a long value", () => {
    const change = planChange("a", { before: { image: `x${"-".repeat(80)}y` }, after: {} });
    const [{ before } = { before: "" }] = changedAttributes(change);

    expect(before).toBe(`"x${"-".repeat(28)}…${"-".repeat(28)}y"`);
  });

  it("shows the difference of two long values whose ends are the same", () => {
    const body = (title: string) =>
      JSON.stringify({ title: `${"-".repeat(80)}${title}`, rest: "-".repeat(80) });
    const change = planChange("a", { before: { body: body("old") }, after: { body: body("new") } });
    const [{ before, after } = { before: "", after: "" }] = changedAttributes(change);

    expect(before).toMatch(/^…-+old.+…$/);
    expect(after).toMatch(/^…-+new.+…$/);
    expect(before.length).toBeLessThanOrEqual(66);
  });

  it.each(["create", "delete", "keep", "forget"] as const)("has nothing for a %s", (kind) => {
    const change = planChange("a", { kind, before: { a: 1 }, after: { a: 2 } });

    expect(changedAttributes(change)).toEqual([]);
  });
});
