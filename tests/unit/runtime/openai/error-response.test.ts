import { errorMeanings } from "../../../../runtime/openai/error-response.ts";

describe("errorMeanings", () => {
  it.each([
    ["request-invalid", 400, "invalid_request_error", false],
    ["context-exceeded", 400, "invalid_request_error", false],
    ["unauthorized", 401, "authentication_error", false],
    ["host-refused", 403, "permission_error", false],
    ["method-not-allowed", 405, "invalid_request_error", false],
    ["route-unknown", 404, "not_found_error", false],
    ["model-unknown", 404, "not_found_error", false],
    ["payload-too-large", 413, "invalid_request_error", false],
    ["engine-busy", 429, "unavailable_error", true],
    ["engine-loading", 503, "unavailable_error", true],
    ["client-aborted", 0, "server_error", false],
    ["engine-missing", 503, "unavailable_error", false],
    ["model-missing", 503, "unavailable_error", false],
    ["model-invalid", 503, "unavailable_error", false],
    ["engine-unavailable", 503, "unavailable_error", true],
    ["engine-killed", 503, "unavailable_error", true],
    ["engine-silent", 500, "server_error", true],
    ["engine-failed", 500, "server_error", true],
    ["deadline-exceeded", 504, "server_error", true],
    ["config-invalid", 500, "server_error", false],
  ] as const)("%s is %d %s", (kind, status, type, isRetryable) => {
    expect(errorMeanings[kind]).toMatchObject({ status, type, isRetryable });
  });

  it.each(["engine-busy", "engine-loading"] as const)("%s says when to try again", (kind) => {
    expect(errorMeanings[kind].retryAfterSeconds).toBeGreaterThan(0);
  });
});
