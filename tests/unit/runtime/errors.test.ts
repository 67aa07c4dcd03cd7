import { AppError, errorLabel, toAppError } from "../../../runtime/errors.ts";

describe("toAppError", () => {
  it("leaves an AppError as it is", () => {
    const error = new AppError("engine-busy", "later");

    expect(toAppError(error)).toBe(error);
  });

  const coded = (code: string) => Object.assign(new Error(`${code}: open '/a/path'`), { code });

  it.each([
    ...["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "ENOSPC"].map(
      (code) => [coded(code), "engine-unavailable"] as const,
    ),
    ...[coded("ECONNRESET"), new Error("boom"), "boom", undefined].map(
      (thrown) => [thrown, "engine-failed"] as const,
    ),
  ])("takes %s for %s", (cause, kind) => {
    expect(toAppError(cause)).toMatchObject({ kind, ...(cause !== undefined && { cause }) });
  });
});

describe("errorLabel", () => {
  const system = Object.assign(new Error("spawn /a/secret ENOENT"), {
    code: "ENOENT",
    syscall: "spawn /a/secret",
  });

  it.each([
    ["a system error by its call and code", system, /^Error spawn ENOENT$/],
    [
      "another error by its place",
      new TypeError("a secret"),
      /^TypeError errors\.test\.ts:\d+:\d+$/,
    ],
    ["a message that looks like a place", new Error("at secret:1:1"), /^Error errors\.test/],
    ["an error without a message", new RangeError(), /^RangeError errors\.test/],
    ["a thrown text by its type", "a secret", /^a thrown string$/],
  ])("describes %s", (_name, thrown, expected) => {
    expect(errorLabel(thrown)).toMatch(expected);
    expect(errorLabel(thrown)).not.toContain("secret");
  });
});
