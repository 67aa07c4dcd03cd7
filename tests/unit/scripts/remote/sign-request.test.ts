import { signatureHeaders } from "../../../../scripts/remote/sign-request.ts";

/** AWS's own example: `get-vanilla` of its Signature Version 4 test suite. */
const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const now = new Date("2015-08-30T12:36:00Z");
const request = { method: "GET", body: "", region: "us-east-1", service: "service" };

describe("signatureHeaders", () => {
  it("signs AWS's example as AWS does", () => {
    const url = new URL("https://example.amazonaws.com/");

    const headers = signatureHeaders({ ...request, url }, credentials, now);

    expect(headers).toEqual({
      "x-amz-date": "20150830T123600Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    });
  });

  it("signs the token of temporary credentials", () => {
    const url = new URL("https://example.amazonaws.com/");

    const headers = signatureHeaders(
      { ...request, url },
      { ...credentials, sessionToken: "t" },
      now,
    );

    expect(headers["x-amz-security-token"]).toBe("t");
    expect(headers.authorization).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token");
  });
});
