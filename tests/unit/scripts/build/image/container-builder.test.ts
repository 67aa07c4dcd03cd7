import {
  buildCommand,
  existsCommand,
  type StageBuild,
  saveCommand,
} from "../../../../../scripts/build/image/container-builder.ts";

const stage = {
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
};
const stageFlags =
  "--platform|linux/arm64|--target|image|--file|/context/Dockerfile|--build-arg|ARCH=arm64|--build-arg|PACKAGES=a b";
// An index of attestations is refused by Lambda; a fixed date keeps the same inputs the same image.
const buildKit = "--progress=plain|--provenance=false|--sbom=false|--build-arg|SOURCE_DATE_EPOCH=0";
const buildah = "build|--layers|--format|docker|--timestamp|0";

it.each([
  { tool: "docker", start: `buildx|build|${buildKit}`, pullNever: "", load: "--load|" },
  { tool: "finch", start: `build|${buildKit}`, pullNever: "", load: "" },
  { tool: "podman", start: buildah, pullNever: "--pull=never|", load: "" },
  { tool: "buildah", start: buildah, pullNever: "--pull-never|", load: "" },
] as const)("builds a stage with $tool", ({ tool, start, pullNever, load }) => {
  const command = (result: StageBuild["result"], pullsNever = false) =>
    buildCommand(tool, { ...stage, result }, pullsNever).join("|");

  expect(command({ image: "i:1" })).toBe(`${start}|${stageFlags}|${load}--tag|i:1|/context`);
  expect(command({ folder: "/out" })).toBe(
    `${start}|${stageFlags}|--output|type=local,dest=/out|/context`,
  );
  expect(command(undefined)).toBe(`${start}|${stageFlags}|/context`);
  expect(command(undefined, true)).toBe(`${start}|${pullNever}${stageFlags}|/context`);
});

it.each([
  ["docker", "image inspect i:1", "save --output /f i:1"],
  ["podman", "image inspect i:1", "save --output /f i:1"],
  ["finch", "image inspect i:1", "save --output /f i:1"],
  ["buildah", "inspect --type image i:1", "push --quiet i:1 docker-archive:/f:i:1"],
] as const)("finds and saves an image with %s", (tool, exists, save) => {
  expect(existsCommand(tool, "i:1").join(" ")).toBe(exists);
  expect(saveCommand(tool, "i:1", "/f").join(" ")).toBe(save);
});
