import { modelHeaders, modelUrl } from "../../../model/model-url.ts";
import { readPins } from "../../../model/pins.ts";

describe("modelUrl", () => {
  it("names the pinned revision, at the hub or at a mirror", () => {
    const pin = { ...readPins().model, repository: "a/b", revision: "c0ffee", file: "m.gguf" };

    expect(modelUrl(pin, "https://hub.example")).toBe(
      "https://hub.example/a/b/resolve/c0ffee/m.gguf",
    );
    expect(modelUrl(pin, "http://mirror:8080/hf/")).toBe(
      "http://mirror:8080/hf/a/b/resolve/c0ffee/m.gguf",
    );
  });
});

describe("modelHeaders", () => {
  it("sends a token only when there is one", () => {
    expect(modelHeaders("hf_x")).toEqual({ authorization: "Bearer hf_x" });
    expect(modelHeaders(undefined)).toEqual({});
    expect(modelHeaders("")).toEqual({});
  });
});
