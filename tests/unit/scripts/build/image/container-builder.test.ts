import {
  buildCommand,
  existsCommand,
  type StageBuild,
  saveCommand,
} from "../../../../../scripts/build/image/container-builder.ts";
import { containerTools } from "../../../../../scripts/build/image/container-tool.ts";

const stage: StageBuild = {
  stage: "image",
  context: {
    folder: "/context",
    engineFolder: "/engine",
    submodulePath: "3rdparty",
    files: {},
    texts: {},
  },
  platform: "linux/arm64",
  buildArguments: { ARCH: "arm64", PACKAGES: "a b" },
  result: { image: "bitnet-lambda:1" },
};

describe("buildCommand", () => {
  it.each(containerTools)("names stage, platform, arguments, image and context for %s", (tool) => {
    const command = buildCommand(tool, stage, false);

    expect(command.at(-1)).toBe("/context");
    for (const [flag, value] of [
      ["--target", "image"],
      ["--platform", "linux/arm64"],
      ["--file", "/context/Dockerfile"],
      ["--tag", "bitnet-lambda:1"],
    ]) {
      expect(command[command.indexOf(String(flag)) + 1]).toBe(value);
    }
    expect(command).toContain("PACKAGES=a b");
  });

  it.each(["docker", "finch"] as const)(
    "keeps %s from making an index that Lambda refuses",
    (tool) => {
      expect(buildCommand(tool, stage, false)).toEqual(
        expect.arrayContaining(["--provenance=false", "--sbom=false"]),
      );
    },
  );

  it.each([
    ["docker", "SOURCE_DATE_EPOCH=0"],
    ["finch", "SOURCE_DATE_EPOCH=0"],
    ["podman", "--timestamp"],
    ["buildah", "--timestamp"],
  ] as const)("gives the image of %s a fixed date", (tool, flag) => {
    expect(buildCommand(tool, stage, false)).toContain(flag);
  });

  it("has docker keep the image where it can be found", () => {
    expect(buildCommand("docker", stage, false)).toContain("--load");
  });

  it.each(containerTools)("has %s write files to a folder", (tool) => {
    const command = buildCommand(tool, { ...stage, result: { folder: "/out" } }, false);

    expect(command[command.indexOf("--output") + 1]).toBe("type=local,dest=/out");
    expect(command).not.toContain("--tag");
  });

  it.each(containerTools)("makes nothing but the cache of a stage in between with %s", (tool) => {
    const command = buildCommand(tool, { ...stage, result: undefined }, false);

    expect(command).not.toContain("--tag");
    expect(command).not.toContain("--output");
  });

  it.each([
    ["podman", "--pull=never"],
    ["buildah", "--pull-never"],
  ] as const)("asks no registry with %s when base images must be local", (tool, flag) => {
    expect(buildCommand(tool, stage, true)).toContain(flag);
    expect(buildCommand(tool, stage, false)).not.toContain(flag);
  });
});

describe("existsCommand and saveCommand", () => {
  it.each([
    ["docker", "image inspect i:1", "save --output /f i:1"],
    ["podman", "image inspect i:1", "save --output /f i:1"],
    ["finch", "image inspect i:1", "save --output /f i:1"],
    ["buildah", "inspect --type image i:1", "push --quiet i:1 docker-archive:/f:i:1"],
  ] as const)("speak %s", (tool, exists, save) => {
    expect(existsCommand(tool, "i:1").join(" ")).toBe(exists);
    expect(saveCommand(tool, "i:1", "/f").join(" ")).toBe(save);
  });
});
