import { emulatedImage, emulatedPassword } from "../emulators/aws-emulator.ts";
import type { ToolAnswer, ToolCall } from "./tool-call.ts";

const imageArchitectures: Record<string, string> = { x86_64: "amd64", arm64: "arm64" };

/** What a tool keeps between calls. */
const kept = { password: "", tagged: new Map<string, string>() };

/** `docker`: info, login, tag, and push into the emulated registry. */
export function fakeContainerTool(call: ToolCall): ToolAnswer {
  const [command = "", ...rest] = call.parts;
  const text = commands[command]?.(call, rest) ?? "";
  return text === "" ? { exitCode: 0, text } : { exitCode: 1, text: `${text}\n` };
}

/** The commands; each returns what went wrong, or nothing. */
const commands: Record<string, (call: ToolCall, parts: readonly string[]) => string> = {
  login({ input }) {
    kept.password = input;
    return input === emulatedPassword ? "" : "unauthorized";
  },
  tag(_call, [image = "", remote = ""]) {
    kept.tagged.set(remote, image);
    return "";
  },
  push({ account, faults }, [remote = ""]) {
    if (faults.image === "push") return "broken pipe";
    if (kept.password !== emulatedPassword) return "no basic auth credentials";
    const [, name = "", tag = ""] = /\/([^:]+):(.+)$/.exec(remote) ?? [];
    const repository = account.repositories.get(name);
    if (!repository) return `name unknown: ${name}`;
    const image = kept.tagged.get(remote) ?? "";
    const built = imageArchitectures[image.split(`${tag}-`)[1] ?? ""] ?? "";
    repository.set(tag, emulatedImage(faults.imageArchitecture ?? built, faults.isImageIndex));
    return "";
  },
};
