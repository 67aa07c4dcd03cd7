import {
  buildCommand,
  existsCommand,
  type StageBuild,
} from "../../../../../scripts/build/image/container-builder.ts";

const stage = {
  stage: "image",
  context: { folder: "/context" } as StageBuild["context"],
  platform: "linux/arm64",
  buildArguments: { ARCH: "arm64", PACKAGES: "a b" },
};
const stageFlags =
  "--platform|linux/arm64|--target|image|--file|/context/Dockerfile|--build-arg|ARCH=arm64|--build-arg|PACKAGES=a b";
// An index of attestations is refused by Lambda; a fixed date keeps the same inputs the same image.
const buildKit = "--progress=plain|--provenance=false|--sbom=false|--build-arg|SOURCE_DATE_EPOCH=0";
const buildah = "build|--layers|--format|docker|--timestamp|0";

const exists = "image|inspect|i:1";

it.each([
  { tool: "docker", start: `buildx|build|${buildKit}`, pullNever: "", load: "--load|", exists },
  { tool: "finch", start: `build|${buildKit}`, pullNever: "", load: "", exists },
  { tool: "podman", start: buildah, pullNever: "--pull=never|", load: "", exists },
  {
    tool: "buildah",
    start: buildah,
    pullNever: "--pull-never|",
    load: "",
    exists: "inspect|--type|image|i:1",
  },
] as const)("builds and finds an image with $tool", ({ tool, start, ...expected }) => {
  const command = (result: StageBuild["result"], pullsNever = false) =>
    buildCommand(tool, { ...stage, result }, pullsNever).join("|");
  const { pullNever, load } = expected;

  expect(command({ image: "i:1" })).toBe(`${start}|${stageFlags}|${load}--tag|i:1|/context`);
  expect(command({ folder: "/out" })).toBe(
    `${start}|${stageFlags}|--output|type=local,dest=/out|/context`,
  );
  expect(command(undefined)).toBe(`${start}|${stageFlags}|/context`);
  expect(command(undefined, true)).toBe(`${start}|${pullNever}${stageFlags}|/context`);
  expect(existsCommand(tool, "i:1").join("|")).toBe(expected.exists);
});
