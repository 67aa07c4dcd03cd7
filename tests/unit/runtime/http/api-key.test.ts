import { createHash } from "node:crypto";
import { AppError } from "../../../../runtime/errors.ts";
import { requireApiKey } from "../../../../runtime/http/api-key.ts";

const keySha256 = createHash("sha256").update("open sesame").digest("hex");

function isLetIn(event: unknown, sha256: string | undefined = keySha256): boolean {
  try {
    requireApiKey(event, sha256);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.kind === "unauthorized") return false;
    throw error;
  }
}

describe("requireApiKey", () => {
  it.each([
    ["a bearer", { authorization: "Bearer open sesame" }],
    ["a bearer in other letters", { Authorization: "bearer open sesame" }],
    ["an x-api-key", { "x-api-key": "open sesame" }],
    [
      "an x-api-key beside a signature",
      { authorization: "AWS4-HMAC-SHA256 x", "x-api-key": "open sesame" },
    ],
  ])("lets in %s", (_name, headers) => {
    expect(isLetIn({ headers, body: "{}" })).toBe(true);
  });

  it.each([
    ["no headers", { body: "{}" }],
    ["headers that are none", { headers: "x", body: "{}" }],
    ["no key", { headers: {}, body: "{}" }],
    ["a header that is no text", { headers: { authorization: { toString: 1 } }, body: "{}" }],
    ["a bearer of nothing", { headers: { authorization: "Bearer   " }, body: "{}" }],
    ["another key", { headers: { authorization: "Bearer open" }, body: "{}" }],
    ["the key's hash", { headers: { authorization: `Bearer ${keySha256}` }, body: "{}" }],
    ["a key without its scheme", { headers: { authorization: "open sesame" }, body: "{}" }],
    ["a function URL's event without a body", { requestContext: {}, rawPath: "/" }],
  ])("keeps out %s", (_name, event) => {
    expect(isLetIn(event)).toBe(false);
  });

  it("takes no longer for a key of many blanks", () => {
    const authorization = `Bearer${" ".repeat(200_000)}\nx`;

    expect(isLetIn({ headers: { authorization }, body: "{}" })).toBe(false);
  });

  it("asks a direct invocation for none", () => {
    expect(isLetIn({ prompt: "Hi" })).toBe(true);
  });

  it("asks for none where none is configured", () => {
    const event = { headers: {}, body: "{}" };

    expect(() => requireApiKey(event, undefined)).not.toThrow();
  });
});
