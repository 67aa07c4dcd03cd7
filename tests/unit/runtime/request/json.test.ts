import { AppError } from "../../../../runtime/errors.ts";
import { parseJson } from "../../../../runtime/request/json.ts";

function messageOf(text: string): string {
  try {
    parseJson(text, "body");
  } catch (error) {
    if (error instanceof AppError && error.kind === "request-invalid") return error.message;
    throw error;
  }
  return "";
}

describe("parseJson", () => {
  it("gives the value", () => {
    expect(parseJson('{"a":[1,null]}', "body")).toEqual({ a: [1, null] });
  });

  it.each(["", "  \n"])("tells that %j is empty", (text) => {
    expect(messageOf(text)).toBe("body: is empty; send a JSON object");
  });

  it("tells where the text stops being JSON", () => {
    expect(messageOf(`{"prompt": ${"x".repeat(100)}}`)).toMatch(/^body: is not valid JSON/);
    expect(messageOf('{"a":1,}')).toBe("body: is not valid JSON (at character 7)");
  });

  it.each(["secret", '{"prompt": "secret', '{"secret": secret}', "[secret]"])(
    "never quotes what it was given: %s",
    (text) => {
      expect(messageOf(text)).not.toContain("secret");
    },
  );
});
