import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type LocalServer, startLocalServer } from "../../runtime/local-server.ts";
import { goldenModel, referenceLlamaCli } from "../helpers/reference.ts";
import { type BrowserPage, openPage } from "./browser.ts";

/** A Chromium; `scripts/test-page.ts` finds it. Screenshots are left in temp/page. */
const chromium = process.env.CHROMIUM ?? "";

jest.setTimeout(60_000);

let server: LocalServer;
let page: BrowserPage;

beforeAll(async () => {
  process.env.BITNET_LLAMA_CLI = referenceLlamaCli;
  process.env.BITNET_MODEL = goldenModel;
  process.env.BITNET_LOG_LEVEL = "error";
  server = await startLocalServer({ functionName: "bitnet", port: 0, timeoutMs: 60_000 });
});
afterAll(() => server.close());

beforeEach(async () => {
  page = await openPage(chromium, `${server.url}/`);
  await until(`document.getElementById("status")?.textContent === "ready"`);
});
afterEach(() => page.close());

/** Waits until an expression holds in the page. */
async function until(expression: string): Promise<void> {
  const endsAt = performance.now() + 20_000;
  while ((await page.evaluate(expression)) !== true) {
    if (performance.now() > endsAt) throw new Error(`never came true: ${expression}`);
    await sleep(10);
  }
}

async function screenshot(name: string): Promise<void> {
  const { data } = await page.send("Page.captureScreenshot");
  mkdirSync("temp/page", { recursive: true });
  writeFileSync(`temp/page/${name}.png`, Buffer.from(String(data), "base64"));
}

const text = (selector: string) =>
  page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.textContent)`,
  );

async function setField(id: string, value: string): Promise<void> {
  await page.evaluate(`document.getElementById("${id}").value = "${value}"`);
}

async function ask(question: string): Promise<void> {
  await page.evaluate(`document.getElementById("prompt").focus()`);
  await page.type(question);
  await page.press("Enter", "\r");
}

const isIdle = `!document.getElementById("send").disabled`;

describe("the local server's page", () => {
  it("answers from the keyboard alone, shows the speed, and remembers the conversation", async () => {
    await setField("temperature", "0");
    await setField("repeat_penalty", "1");

    await page.press("Tab");
    await ask("What is the capital of France?");
    await until(`document.getElementById("status").textContent.includes("tokens/s")`);
    await ask("Thank you!");
    await until(`document.querySelectorAll(".assistant").length === 2 && ${isIdle}`);

    expect(await text(".user")).toEqual(["What is the capital of France?", "Thank you!"]);
    expect(((await text(".assistant")) as string[])[0]).toBe("The capital of France is Paris.");
    expect(((await text("#status")) as string[])[0]).toMatch(/tokens · .* tokens\/s · .* · stop/);
    expect(await page.evaluate(`document.activeElement.id`)).toBe("prompt");
    expect(page.errors).toEqual([]);
    await screenshot("desktop");
  });

  it("shows an answer as it grows, and stops it at Escape", async () => {
    await setField("max_tokens", "4000");
    await setField("temperature", "2");

    await ask("Tell me a joke about programming.");
    await until(`(document.querySelector(".assistant")?.textContent.length ?? 0) > 5`);
    await page.press("Escape");
    await until(isIdle);

    expect(await text("#status")).toEqual(["stopped"]);
  });

  it("shows an error in the conversation", async () => {
    await setField("temperature", "9");

    await ask("Hi");
    await until(isIdle);

    expect(((await text(".error")) as string[])[0]).toContain(
      "temperature: must be a number from 0 to 2",
    );
  });

  it("begins anew", async () => {
    await ask("Hi");
    await until(isIdle);

    await page.evaluate(`document.getElementById("reset").click()`);

    expect(await text(".message")).toEqual([]);
  });

  it("fits a phone: nothing to scroll sideways, buttons big enough for a thumb", async () => {
    const phone = { width: 360, height: 640, deviceScaleFactor: 2, mobile: true };
    await page.send("Emulation.setDeviceMetricsOverride", phone);

    await setField("max_tokens", "120");
    await ask(`A long word: ${"x".repeat(200)}`);
    await until(isIdle);

    expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBeLessThanOrEqual(360);
    const heights = `[...document.querySelectorAll("button")].map((b) => b.getBoundingClientRect().height)`;
    const edges = `[document.querySelector(".assistant").getBoundingClientRect().bottom, document.getElementById("form").getBoundingClientRect().top]`;
    const [answerEnd = 0, formStart = 0] = (await page.evaluate(edges)) as number[];
    expect(answerEnd).toBeLessThanOrEqual(formStart);
    for (const height of (await page.evaluate(heights)) as number[]) {
      expect(height).toBeGreaterThanOrEqual(44);
    }
    await screenshot("phone");
  });

  it("loads nothing from elsewhere", async () => {
    const urls = await page.evaluate(`performance.getEntriesByType("resource").map((e) => e.name)`);

    expect((urls as string[]).filter((url) => !url.startsWith(server.url))).toEqual([]);
  });
});
