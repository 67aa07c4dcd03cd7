import { createHash } from "node:crypto";
import { type LocalServer, startLocalServer } from "../../runtime/local-server.ts";
import { goldenModel, referenceLlamaCli } from "../helpers/reference.ts";
import { BrowserPage } from "./browser-page.ts";

let server: LocalServer;
const startServer = () => startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 60_000 });
beforeAll(async () => {
  process.env.BITNET_LLAMA_CLI = referenceLlamaCli;
  process.env.BITNET_MODEL = goldenModel;
  process.env.BITNET_LOG_LEVEL = "error";
  server = await startServer();
});
afterAll(() => server.close());

const page = new BrowserPage(() => server.url);

describe("the local server's page", () => {
  it("answers from the keyboard alone, shows the speed, and remembers the conversation", async () => {
    await page.fill({ temperature: "0", repeat_penalty: "1" });

    await page.press("Tab");
    await page.submit("What is the capital of France?");
    await page.untilText("#status", "tokens/s");
    await page.submit("Thank you!");
    await page.until(`document.querySelectorAll(".assistant").length === 2`);
    await page.untilIdle();

    expect(await page.texts(".user")).toEqual(["What is the capital of France?", "Thank you!"]);
    expect((await page.texts(".assistant"))[0]).toBe("The capital of France is Paris.");
    expect((await page.texts("#status"))[0]).toMatch(/^Done · \d+ tokens · [\d.]+ tokens\/s$/);
    expect((await page.texts(".note"))[0]).toMatch(
      /^\d+ tokens · [\d.]+ tokens\/s · first token after \d+ ms · prompt \d+ tokens · seed \d+$/,
    );
    expect(await page.focused()).toBe("prompt");
    expect(page.errors).toEqual([]);
  });

  it("bounds its settings as the server does, and shows its errors in the conversation", async () => {
    const fields = (await page.evaluate(
      `[...document.querySelectorAll("[type=number]")].map(({ id, max }) => [id, max])`,
    )) as [string, string][];
    await page.fill(Object.fromEntries(fields.map(([id, max]) => [id, `${Number(max) + 1}`])));

    await page.submit("Hi");
    await page.untilIdle();

    const [error] = await page.texts(".error");
    // Of tokens an agent may ask for more than there can be.
    const refused = fields.filter(([id]) => id !== "max_tokens");
    expect(refused.length).toBe(5);
    expect(fields).toContainEqual(["max_tokens", "4096"]);
    for (const [id, maximum] of refused) {
      expect(error).toMatch(new RegExp(`${id}: must be [^;]* to ${maximum}\\b`));
    }
  });

  it("loads nothing from elsewhere", async () => {
    const urls = await page.evaluate(`performance.getEntriesByType("resource").map((e) => e.name)`);

    expect((urls as string[]).filter((url) => !url.startsWith(server.url))).toEqual([]);
  });

  it("asks for the API key that the server needs, and answers with it", async () => {
    process.env.BITNET_API_KEY_SHA256 = createHash("sha256").update("secret").digest("hex");
    const guarded = await startServer();
    delete process.env.BITNET_API_KEY_SHA256;
    await page.open(guarded.url);

    await page.submit("What is the capital of France?");
    await page.until(`document.activeElement.id === "key"`);
    await page.enter("secret");
    await page.untilText("#status", "Done");
    await page.untilText("#model", server.modelName);

    expect(await page.texts(".error")).toEqual([]);
    await guarded.close();
  });
});
