import { resolve } from "node:path";
import {
  namedArchitectures,
  parseSetupSettings,
} from "../../../../scripts/build/setup-settings.ts";

test("parseSetupSettings reads paths from this folder, and has few defaults", () => {
  expect(parseSetupSettings({ PATH: "/bin", ARCH: "", BITNET_MODEL: "m.gguf" })).toEqual({
    PINS: resolve("container/pins.env"),
    BITNET_MODEL: resolve("m.gguf"),
    EMBEDDING_TYPE: "Q6_K",
    ALLOW_UNPINNED_BASES: false,
  });
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
