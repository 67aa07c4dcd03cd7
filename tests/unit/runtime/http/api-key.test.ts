import { createHash } from "node:crypto";
import { AppError } from "../../../../runtime/errors.ts";
import { requireApiKey } from "../../../../runtime/http/api-key.ts";

const keySha256 = createHash("sha256").update("open sesame").digest("hex");

const check = (headers: unknown) => () => requireApiKey(headers, keySha256);

describe("requireApiKey", () => {
  it.each([
    ["missing", {}, "no API key was sent"],
    ["wrong", { "x-api-key": "open" }, "the API key that was sent is not the one of this function"],
  ])("says that a key is %s", (_name, headers, message) => {
    expect(check(headers)).toThrow(message);
  });

  it.each([
    ["a bearer", { authorization: "Bearer open sesame" }],
    ["a bearer in other letters", { Authorization: "bearer open sesame" }],
    ["an x-api-key", { "x-api-key": "open sesame" }],
    [
      "an x-api-key beside a signature",
      { authorization: "AWS4-HMAC-SHA256 x", "x-api-key": "open sesame" },
    ],
  ])("accepts %s", (_name, headers) => {
    expect(check(headers)).not.toThrow();
  });

  it.each([
    ["no headers", undefined],
    ["headers that are none", "x"],
    ["no key", {}],
    ["a header that is no text", { authorization: { toString: 1 } }],
    ["a bearer of nothing", { authorization: "Bearer   " }],
    ["another key", { authorization: "Bearer open" }],
    ["the key's hash", { authorization: `Bearer ${keySha256}` }],
    ["a key without its scheme", { authorization: "open sesame" }],
  ])("refuses %s", (_name, headers) => {
    expect(check(headers)).toThrow(expect.objectContaining({ kind: "unauthorized" }));
  });

  it("takes no longer for a key of many blanks", () => {
    const authorization = `Bearer${" ".repeat(200_000)}\nx`;

    expect(check({ authorization })).toThrow(AppError);
  });

  it("asks for none where none is configured", () => {
    expect(() => requireApiKey({}, undefined)).not.toThrow();
  });
});
