import { AppError, toAppError } from "../../../runtime/errors.ts";

describe("toAppError", () => {
  it("leaves an AppError as it is", () => {
    const error = new AppError("engine-busy", "later");

    expect(toAppError(error)).toBe(error);
  });

  it.each([
    ["EMFILE", "engine-unavailable"],
    ["ENFILE", "engine-unavailable"],
    ["ENOMEM", "engine-unavailable"],
    ["EAGAIN", "engine-unavailable"],
    ["ENOSPC", "engine-unavailable"],
    ["ECONNRESET", "engine-failed"],
  ])("takes %s for %s", (code, kind) => {
    const cause = Object.assign(new Error(`${code}: open '/a/path'`), { code });

    expect(toAppError(cause)).toMatchObject({ kind, cause });
  });

  it.each([new Error("boom"), "boom", undefined])(
    "takes %s for a failure of the engine",
    (thrown) => {
      expect(toAppError(thrown)).toMatchObject({ kind: "engine-failed" });
    },
  );
});
