import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ToolAnswer, ToolCall } from "./tool-call.ts";

/** `scripts/image.ts`: prints the tag, or builds and writes its note. */
export function fakeImageBuilder({ faults, parts }: ToolCall): ToolAnswer {
  const [architecture = "", flag] = parts;
  const tag = faults.imageTag ?? "0123abcd";
  const isBuild = flag !== "--print-tag";
  if (faults.image === "tag" || (faults.image === "build" && isBuild)) {
    return { exitCode: 1, text: "temp/model.gguf does not exist: run `make init`\n" };
  }
  if (!isBuild) return { exitCode: 0, text: `${tag}\n` };
  const note = {
    image: `bitnet-lambda:${tag}-${architecture}`,
    tag,
    architecture,
    tool: join(import.meta.dirname, "../../fixtures/fake-container-tool.sh"),
  };
  mkdirSync("dist/image", { recursive: true });
  writeFileSync(`dist/image/${architecture}.json`, JSON.stringify(note));
  return { exitCode: 0, text: "" };
}
