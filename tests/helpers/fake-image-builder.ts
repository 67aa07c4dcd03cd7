import { emulatedImage, emulatedPassword } from "./aws-emulator.ts";
import type { ToolAnswer, ToolCall } from "./fake-tools.ts";

const imageArchitectures: Record<string, string> = { x86_64: "amd64", arm64: "arm64" };

/** `scripts/build-image.ts`: a tag, and a push into the emulated registry. */
export function fakeImageBuilder({ account, faults, parts, input }: ToolCall): ToolAnswer {
  const [architecture = "", flag, repositoryUrl = ""] = parts;
  const tag = faults.imageTag ?? "0123abcd";
  const isPush = flag === "--push";
  if (faults.image === "tag" || (faults.image === "push" && isPush)) {
    return { exitCode: 1, text: "temp/model.gguf does not exist: run `make init`\n" };
  }
  if (!isPush) return { exitCode: 0, text: `${tag}\n` };
  if (input !== emulatedPassword) return { exitCode: 1, text: "push refused: wrong password\n" };
  const repository = account.repositories.get(repositoryUrl.split("/")[1] ?? "");
  if (!repository) return { exitCode: 1, text: `push refused: no repository ${repositoryUrl}\n` };
  const built = faults.imageArchitecture ?? imageArchitectures[architecture] ?? architecture;
  repository.set(tag, emulatedImage(built, faults.isImageIndex));
  return { exitCode: 0, text: "" };
}
