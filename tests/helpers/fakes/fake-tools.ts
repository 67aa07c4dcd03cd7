import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { EmulatedAccount } from "../emulators/aws-emulator.ts";
import { fakeContainerTool } from "./fake-container-tool.ts";
import { fakeImageBuilder } from "./fake-image-builder.ts";
import { fakeTerraform } from "./fake-terraform.ts";

/** What a fake program says, and how it ends. */
export interface ToolAnswer {
  readonly exitCode: number | "kill";
  readonly text: string;
}

/** What a test makes the fake programs do; it may change it at any time. */
export interface ToolFaults {
  /** Terraform is killed, refused, or finds a resource: `kill:apply:registry:1`, `fail:plan:service`. */
  terraform?: string | undefined;
  terraformVersion?: string;
  /** The AWS account that Terraform's state is of. */
  stateAccount?: string;
  /** What fails: telling the tag, building, or pushing. */
  image?: "tag" | "build" | "push" | undefined;
  imageTag?: string;
  /** The architecture of what it pushes, whatever was asked for. */
  imageArchitecture?: string;
  isImageIndex?: boolean;
  /** Waited for before a call is answered. */
  beforeAnswer?: ((call: string) => Promise<void>) | undefined;
}

/** The other end of the fake programs in `tests/fixtures/`. */
export interface FakeTools {
  readonly port: number;
  readonly faults: ToolFaults;
  /** Every call: the program and its arguments. */
  readonly calls: string[];
  stop(): Promise<void>;
}

/** Starts the other end: what the programs make is in `account`. */
export async function startFakeTools(account: EmulatedAccount): Promise<FakeTools> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    void answer(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const tools: FakeTools = {
    port: (server.address() as AddressInfo).port,
    faults: {},
    calls: [],
    async stop() {
      server.close();
      await once(server, "close");
    },
  };
  const programs = {
    terraform: fakeTerraform,
    "image-builder": fakeImageBuilder,
    "container-tool": fakeContainerTool,
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

/** A call of a fake program. */
export interface ToolCall {
  readonly account: EmulatedAccount;
  readonly faults: ToolFaults;
  readonly parts: readonly string[];
  readonly input: string;
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
