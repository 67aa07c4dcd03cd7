import { closeSync, existsSync, openSync } from "node:fs";
import { fakeLlamaCli } from "../../helpers/fakes/fake-llama-cli.ts";
import { type HandlerHost, startHandlerHost } from "../../helpers/handler-host.ts";
import type { HostSetup } from "../../helpers/host-process.ts";
import { waitUntil } from "../../helpers/processes.ts";

/** On Linux, a disk that is always full. */
const fullDisk = "/dev/full";

let host: HandlerHost;
afterEach(() => host.close());

/** The bundled handler, which writes a line for each answer. */
async function start(setup: Partial<HostSetup> = {}): Promise<void> {
  host = await startHandlerHost({
    ...setup,
    variables: { BITNET_LLAMA_CLI: fakeLlamaCli, BITNET_MODEL: "fast" },
  });
}

describe("the log", () => {
  it("is written to standard error, a line for each event", async () => {
    await start();

    await host.ask();
    await waitUntil(() => host.log().endsWith("\n"));

    expect(JSON.parse(host.log())).toMatchObject({ level: "info", event: "answered" });
  });

  it("is no reason to stop answering when nobody reads it", async () => {
    await start();
    host.child.stderr?.destroy();

    const answers = [await host.ask(), await host.ask()];

    expect(answers).toMatchObject([{ status: 200 }, { status: 200 }]);
  });

  it("is no reason to stop answering when its disk is full", async () => {
    const logTo = openSync(existsSync(fullDisk) ? fullDisk : "/dev/null", "w");
    await start({ logTo });
    closeSync(logTo);

    const answers = [await host.ask(), await host.ask()];

    expect(answers).toMatchObject([{ status: 200 }, { status: 200 }]);
  });
});
