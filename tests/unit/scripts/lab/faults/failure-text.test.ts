import { failureText } from "../../../../../scripts/lab/faults/failure-text.ts";

describe("failureText", () => {
  it("tells what was expected and what came, without colours and stack", () => {
    const message =
      "\u001b[2mexpect(\u001b[22mreceived).toBe(expected)\n\nExpected: 2\nReceived: 1\n    at Object.run (/x/y.ts:1:2)";

    expect(failureText(message)).toBe("expect(received).toBe(expected) Expected: 2 Received: 1");
  });

  it("cuts what is long", () => {
    expect(failureText("x".repeat(1000))).toBe(`${"x".repeat(400)}…`);
  });
});
