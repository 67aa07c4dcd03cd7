import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApplication } from "../../../runtime/application.ts";
import { leftOut } from "../../../runtime/echoes.ts";
import { fakeLlamaCli } from "../../helpers/fakes/fake-llama-cli.ts";

/** Invokes an application of its own; what it logs. */
async function logOf(event: object, variables: Record<string, string>) {
  const lines: string[] = [];
  const write = jest.spyOn(process.stderr, "write").mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  const { invokeDirectly } = createApplication({ PATH: process.env.PATH, ...variables });
  const context = { awsRequestId: "id-1", getRemainingTimeInMillis: () => 60_000 };
  const { statusCode } = await invokeDirectly(event, context);
  write.mockRestore();
  return { statusCode, lines: lines.map((line) => JSON.parse(line)) };
}

describe("the application's log", () => {
  it("has an engine's last words without the prompt, the grammar and the folders in them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bitnet-test-"));
    const model = join(folder, "tells-prompt");
    const messages = [{ role: "user", content: "My password is hunter2" }];

    const { statusCode, lines } = await logOf(
      { messages, grammar: 'root ::= "never tell this"' },
      { BITNET_LLAMA_CLI: fakeLlamaCli, BITNET_MODEL: model },
    );
    rmSync(folder, { recursive: true });

    expect(statusCode).toBe(500);
    expect(lines).toMatchObject([
      {
        kind: "engine-failed",
        signal: "SIGSEGV",
        stderr_tail: `loading …/tells-prompt\n${leftOut}\n`,
      },
    ]);
  });

  it("names a file that is not there by its last part", async () => {
    const { statusCode, lines } = await logOf(
      { prompt: "Hi" },
      { BITNET_LLAMA_CLI: "/opt/no such folder/llama-cli", BITNET_MODEL: "/opt/model.gguf" },
    );

    expect(statusCode).toBe(503);
    expect(lines[0].message).toContain("BITNET_LLAMA_CLI");
    expect(lines[0].cause).toBe("spawn …/llama-cli ENOENT");
  });
});
