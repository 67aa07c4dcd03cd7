import { resolve } from "node:path";
import {
  namedArchitectures,
  parseSetupSettings,
} from "../../../../scripts/build/setup-settings.ts";

describe("parseSetupSettings", () => {
  it("has defaults", () => {
    expect(parseSetupSettings({ PATH: "/bin", ARCH: "" })).toEqual({
      PINS: resolve("container/pins.env"),
      EMBEDDING_TYPE: "Q6_K",
      ALLOW_UNPINNED_BASES: false,
    });
  });

  it("reads every setting", () => {
    const environment = {
      ARCH: "arm64",
      PINS: "/pins.env",
      ENGINE_SOURCE: "/BitNet",
      BITNET_MODEL: "/m.gguf",
      MODEL_BASE_URL: "https://mirror.example",
      HF_TOKEN: "hf_x",
      CONTAINER_TOOL: "podman",
      EMBEDDING_TYPE: "F16",
      ALLOW_UNPINNED_BASES: "1",
      PULL: "never",
      CC: "clang",
      CXX: "clang++",
    };

    expect(parseSetupSettings(environment)).toEqual({ ...environment, ALLOW_UNPINNED_BASES: true });
  });

  it("makes paths independent of the folder", () => {
    expect(parseSetupSettings({ BITNET_MODEL: "m.gguf" }).BITNET_MODEL).toBe(resolve("m.gguf"));
  });

  it("lists every bad setting", () => {
    const parse = () =>
      parseSetupSettings({
        EMBEDDING_TYPE: "Q4_0",
        ALLOW_UNPINNED_BASES: "yes",
        PULL: "always",
        MODEL_BASE_URL: "mirror",
      });

    for (const message of [
      "EMBEDDING_TYPE=Q4_0:",
      "ALLOW_UNPINNED_BASES=yes: must be 1",
      "PULL=always: must be never",
      "MODEL_BASE_URL=mirror: must be an address",
    ]) {
      expect(parse).toThrow(message);
    }
  });
});

describe("namedArchitectures", () => {
  it("is both unless one is named", () => {
    expect(namedArchitectures(parseSetupSettings({}))).toEqual(["x86_64", "arm64"]);
    expect(namedArchitectures(parseSetupSettings({ ARCH: "aarch64" }))).toEqual(["arm64"]);
  });
});
