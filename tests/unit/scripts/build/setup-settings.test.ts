import { resolve } from "node:path";
import {
  namedArchitectures,
  parseSetupSettings,
} from "../../../../scripts/build/setup-settings.ts";

const everySetting = {
  ARCH: "arm64",
  PINS: "/pins.env",
  ENGINE_SOURCE: "/BitNet",
  BITNET_MODEL: "/m.gguf",
  MODEL_BASE_URL: "https://mirror.example",
  HF_TOKEN: "hf_x",
  CONTAINER_TOOL: "podman",
  EMBEDDING_TYPE: "F16",
  PULL: "never",
  CC: "clang",
  CXX: "clang++",
};
const defaults = {
  PINS: resolve("container/pins.env"),
  EMBEDDING_TYPE: "Q6_K",
  ALLOW_UNPINNED_BASES: false,
};

test.each([
  ["defaults", { PATH: "/bin", ARCH: "" }, defaults],
  [
    "every setting",
    { ...everySetting, ALLOW_UNPINNED_BASES: "1" },
    { ...everySetting, ALLOW_UNPINNED_BASES: true },
  ],
  [
    "paths from this folder",
    { BITNET_MODEL: "m.gguf" },
    { ...defaults, BITNET_MODEL: resolve("m.gguf") },
  ],
])("parseSetupSettings reads %s", (_case, environment, settings) => {
  expect(parseSetupSettings(environment)).toEqual(settings);
});

test("parseSetupSettings lists every bad setting", () => {
  const bad = {
    MODEL_BASE_URL: "mirror",
    EMBEDDING_TYPE: "Q4_0",
    ALLOW_UNPINNED_BASES: "yes",
    PULL: "always",
  };

  expect(() => parseSetupSettings(bad)).toThrow(
    /MODEL_BASE_URL=mirror: must be an address.*EMBEDDING_TYPE=Q4_0:.*ALLOW_UNPINNED_BASES=yes: must be 1.*PULL=always: must be never/s,
  );
});

test("namedArchitectures are both unless one is named", () => {
  expect(namedArchitectures(parseSetupSettings({}))).toEqual(["x86_64", "arm64"]);
  expect(namedArchitectures(parseSetupSettings({ ARCH: "aarch64" }))).toEqual(["arm64"]);
});
