import { createHash } from "node:crypto";
import { type LocalServer, startLocalServer } from "../../runtime/local-server.ts";
import { goldenModel, referenceLlamaCli } from "../helpers/reference.ts";
import { Browser } from "./browser.ts";
import { ChatPage } from "./chat-page.ts";

jest.setTimeout(60_000);

let browser: Browser;
let server: LocalServer;
let page: ChatPage;

const startServer = () => startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 60_000 });

beforeAll(async () => {
  process.env.BITNET_LLAMA_CLI = referenceLlamaCli;
  process.env.BITNET_MODEL = goldenModel;
  process.env.BITNET_LOG_LEVEL = "error";
  server = await startServer();
  browser = new Browser();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

beforeEach(async () => {
  page = await ChatPage.open(browser, server.url);
});
afterEach(() => page.close());

describe("the local server's page", () => {
  it("answers from the keyboard alone, shows the speed, and remembers the conversation", async () => {
    await page.fill({ temperature: "0", repeat_penalty: "1" });

    await page.press("Tab");
    await page.ask("What is the capital of France?");
    await page.untilText("#status", "tokens/s");
    await page.ask("Thank you!");
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

  it("shows an answer as it grows, and stops it at Escape", async () => {
    await page.fill({ max_tokens: "4000", temperature: "2" });

    await page.ask("Tell me a joke about programming.");
    await page.until(`(document.querySelector(".assistant")?.textContent.length ?? 0) > 5`);
    await page.press("Escape");
    await page.untilIdle();

    expect(await page.texts("#status")).toEqual(["Stopped"]);
  });

  it("bounds its settings as the server does, and shows its errors in the conversation", async () => {
    const fields = (await page.evaluate(
      `[...document.querySelectorAll("[type=number]")].map(({ id, max }) => [id, max])`,
    )) as [string, string][];
    await page.fill(Object.fromEntries(fields.map(([id, max]) => [id, `${Number(max) + 1}`])));

    await page.ask("Hi");
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
    const guardedPage = await ChatPage.open(browser, guarded.url);

    await guardedPage.ask("What is the capital of France?");
    await guardedPage.until(`document.activeElement.id === "key"`);
    await guardedPage.enter("secret");
    await guardedPage.untilText("#status", "Done");
    await guardedPage.untilText("#model", server.modelName);

    expect(await guardedPage.texts(".error")).toEqual([]);
    await guardedPage.close();
    await guarded.close();
  });
});
