import { join } from "node:path";
import { ImageBuilder } from "../../../../scripts/deploy/image-builder.ts";
import { temporaryFolder } from "../../../helpers/temporary-folder.ts";

const folder = temporaryFolder();

/** A builder whose tag is what it was given. */
const builderFor = (
  systemPrompt: string | undefined,
  engine: "llama-cli" | "llama-server" = "llama-cli",
) =>
  new ImageBuilder({
    command: ["sh", "-c", 'printf "%s|%s" "$ARCH" "$BITNET_SYSTEM_PROMPT"'],
    architecture: "arm64",
    runtime: { engine, systemPrompt },
    logFile: join(folder, "image.log"),
  });

describe("ImageBuilder", () => {
  it("hands the architecture and the system prompt to the program", async () => {
    expect(await builderFor("Be brief.\nNever guess.").tag()).toBe("arm64|Be brief.\nNever guess.");
  });

  it("asks for no state for a resident engine, which would not read it", async () => {
    expect(await builderFor("Be brief.", "llama-server").tag()).toBe("arm64|");
  });

  it("keeps a system prompt of the shell's from an image that is to have none", async () => {
    process.env.BITNET_SYSTEM_PROMPT = "from the shell";

    const tag = await builderFor(undefined).tag();
    delete process.env.BITNET_SYSTEM_PROMPT;

    expect(tag).toBe("arm64|");
  });
});
