import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import {
  type EmulatedAccount,
  emulatedImage,
  emulatedPassword,
} from "../emulators/aws-emulator.ts";
import {
  fakeTerraform,
  type ToolAnswer,
  type ToolCall,
  type ToolFaults,
} from "./fake-terraform.ts";

/** The fake programs by name; `tests/fixtures/fake-tool.sh` stands in for each. */
const programs = {
  terraform: fakeTerraform,
  tofu: fakeTerraform,
  "image-builder": fakeImageBuilder,
  "container-tool": fakeContainerTool,
};

/** The other end of the fake programs in `tests/fixtures/`. */
export type FakeTools = Awaited<ReturnType<typeof startFakeTools>>;

/** Starts the other end: what the programs make is in `account`. */
export async function startFakeTools(account: EmulatedAccount) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    void answer(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const tools = {
    port: (server.address() as AddressInfo).port,
    faults: {} as ToolFaults,
    /** Every call: the program and its arguments. */
    calls: [] as string[],
    async stop() {
      server.close();
      await once(server, "close");
    },
  };
  async function answer(socket: Socket): Promise<void> {
    const { program, parts, input } = await readCall(socket);
    const call = [program, ...parts].join(" ");
    tools.calls.push(call);
    await tools.faults.beforeAnswer?.(call);
    const run = programs[program as keyof typeof programs];
    const { exitCode, text } = run({ account, faults: tools.faults, parts, input });
    socket.end(`${exitCode}\n${text}`);
  }

  return tools;
}

/** Lines: the program, the number of its arguments, the arguments, its input. */
async function readCall(socket: Socket) {
  const lines: string[] = [];
  for await (const line of createInterface({ input: socket })) {
    lines.push(line);
    if (lines.length === 3 + Number(lines[1])) break;
  }
  const [program = "", count, ...rest] = lines;
  return { program, parts: rest.slice(0, Number(count)), input: rest.at(-1) ?? "" };
}

/** `scripts/image.ts`: prints the tag, or builds and writes its note. */
function fakeImageBuilder({ faults, parts }: ToolCall): ToolAnswer {
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
    tool: resolve("bin/container-tool"),
  };
  mkdirSync("dist/image", { recursive: true });
  writeFileSync(`dist/image/${architecture}.json`, JSON.stringify(note));
  return { exitCode: 0, text: "" };
}

/** `docker`: info, login, tag, and push into the emulated registry. */
function fakeContainerTool(call: ToolCall): ToolAnswer {
  const [command = "", ...rest] = call.parts;
  const text = containerCommands[command]?.(call, rest) ?? "";
  return text === "" ? { exitCode: 0, text } : { exitCode: 1, text: `${text}\n` };
}

/** What docker keeps between calls. */
const kept = { password: "", tagged: new Map<string, string>() };

/** Its commands; each returns what went wrong, or nothing. */
const containerCommands: Record<string, (call: ToolCall, parts: readonly string[]) => string> = {
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
    const built = image.endsWith("-arm64") ? "arm64" : "amd64";
    repository.set(tag, emulatedImage(faults.imageArchitecture ?? built, faults.isImageIndex));
    return "";
  },
};
