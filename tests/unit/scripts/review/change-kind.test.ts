import { changeKindOf } from "../../../../scripts/review/change-kind.ts";

describe("changeKindOf", () => {
  it.each([
    [["no-op"], "keep"],
    [["read"], "keep"],
    [["create"], "create"],
    [["update"], "update"],
    [["delete"], "delete"],
    [["forget"], "forget"],
    [["delete", "create"], "replace"],
    [["create", "delete"], "replace"],
    [["create", "forget"], "replace"],
  ] as const)("of %j is %s", (actions, kind) => {
    expect(changeKindOf(actions)).toBe(kind);
  });
});
