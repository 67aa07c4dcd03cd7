import { serveApplication } from "../helpers/http-server.ts";
import { processesWith } from "../helpers/processes.ts";
import { goldenModel, referenceLlamaServer } from "../helpers/reference.ts";
import { describeCallerGone } from "./engine-faults.ts";
import { FaultyApplication } from "./helpers/faulty.ts";
import { opened } from "./helpers/opened.ts";
import { streamAnswer } from "./helpers/served-answer.ts";

/** What the next request may wait for: patience, the kill delay, a restart, a busy machine. */
const longestWaitMs = 2500;

const asked = (content: string) => ({ messages: [{ role: "user", content }] });

describeCallerGone(["ask", "stream"]);

describe("llama-server", () => {
  it("keeps loading when the caller leaves, and answers the next request", async () => {
    const plan = { stage: "load", fault: "pause" } as const;
    const application = await FaultyApplication.start("llama-server", { plan });
    await application.faultReached();
    const loading = application.pids();
    await expect(application.ask(AbortSignal.timeout(50))).rejects.toThrow("timeout");

    await application.askFaultless("load");

    expect(application.pids()).toEqual(loading);
  });

  it.each([
    ["in a healthy answer, and is kept", { max_tokens: 400 }, undefined],
    // Far more than the reference engine reads in a second.
    ["while it reads a long prompt", asked("Tell me a joke. ".repeat(400)), 500],
  ])("is free for the next request when its caller leaves %s", async (_, settings, afterMs) => {
    const variables = {
      BITNET_ENGINE: "llama-server",
      BITNET_LLAMA_SERVER: referenceLlamaServer,
      BITNET_MODEL: goldenModel,
    };
    const { url, application } = opened(await serveApplication(variables));
    await application.engine.settled();
    const before = processesWith(goldenModel);
    const short = { settings: { max_tokens: 4, temperature: 0 } };
    const alone = await streamAnswer(url, short);
    const caller = new AbortController();
    let leftAt = 0;
    const leave = () => {
      leftAt ||= performance.now();
      caller.abort();
    };
    if (afterMs !== undefined) setTimeout(leave, afterMs);
    await streamAnswer(url, {
      settings: { temperature: 0, ...settings },
      signal: caller.signal,
      ...(afterMs === undefined && { onPiece: leave }),
    }).catch(() => undefined);

    const next = await streamAnswer(url, short);

    expect(next).toMatchObject({ status: 200, content: alone.content, isDone: true });
    expect(performance.now() - leftAt).toBeLessThan(alone.tookMs + longestWaitMs);
    if (afterMs === undefined) expect(processesWith(goldenModel)).toEqual(before);
  });
});
