import { readFileSync } from "node:fs";
import { digestKey, parsePins, pinsPath, readPins, withPins } from "../../../model/pins.ts";

const text = readFileSync(pinsPath, "utf8");
const digest = `sha256:${"a".repeat(64)}`;

describe("readPins", () => {
  it("reads the repository's own file, with every base image's digest", () => {
    const { engine, model, baseImages } = readPins();

    const digests = Object.values(baseImages).flatMap((image) => Object.values(image.digests));
    expect(engine.x86_64.commit).toBe("01eb415772c342d9f20dc42772f1583ae1e5b102");
    expect(engine.arm64.commit).toBe("404980eecae38affa4871c3e419eae3f44536a95");
    expect(model.bytes).toBe(1_187_801_280);
    expect(digests).toEqual(Array(4).fill(expect.stringMatching(/^sha256:[0-9a-f]{64}$/)));
    expect(new Set(digests).size).toBe(4);
  });

  it("says which file is missing", () => {
    expect(() => readPins("/no/pins.env")).toThrow(/cannot be read: \/no\/pins.env/);
  });
});

describe("parsePins", () => {
  it("reads an unknown digest as undefined", () => {
    const values = { BUILD_BASE_DIGEST_X86_64: "unknown", BUILD_BASE_DIGEST_ARM64: digest };

    const { digests } = parsePins(withPins(text, values)).baseImages.BUILD_BASE;

    expect(digests).toEqual({ x86_64: undefined, arm64: digest });
  });

  const bad = withPins(text, {
    ENGINE_COMMIT_X86_64: "main",
    MODEL_SHA256: "4221b252",
    MODEL_BYTES: "1 GB",
    MODEL_FILE: "../model.gguf",
    RUNTIME_BASE_DIGEST_ARM64: "latest",
    COMPILER_VERSION: "19",
  });

  it.each([
    [bad, "ENGINE_COMMIT_X86_64: must be a full commit id"],
    [bad, "MODEL_SHA256: must be a sha256"],
    [bad, "MODEL_BYTES: must be a number of bytes"],
    [bad, "MODEL_FILE: must be the name of a .gguf file"],
    [bad, "RUNTIME_BASE_DIGEST_ARM64: must be sha256:"],
    [bad, "COMPILER_VERSION: must be like 19.1.7"],
    [text.replace(/^MODEL_FILE=.*$/m, ""), "MODEL_FILE: is missing"],
    [`${text}\nMODEL_SHA265=1\n`, "MODEL_SHA265: not a known key"],
    [`${text}\nexport A=b\n`, "export A=b: not a known key"],
  ])("lists everything wrong at once (%#)", (wrong, message) => {
    expect(() => parsePins(wrong)).toThrow(message);
  });
});

describe("withPins", () => {
  it("changes values and nothing else", () => {
    const key = digestKey("RUNTIME_BASE", "x86_64");

    const changed = withPins(text, { [key]: digest });

    expect(changed.split("\n").filter((line) => !text.includes(line))).toEqual([
      `RUNTIME_BASE_DIGEST_X86_64=${digest}`,
    ]);
    const before = readPins().baseImages.RUNTIME_BASE.digests.x86_64 ?? "unknown";
    expect(withPins(changed, { [key]: before })).toBe(text);
  });
});
