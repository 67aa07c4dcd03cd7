import { closeSync, existsSync, openSync } from "node:fs";
import { createLog } from "../../../runtime/logger.ts";
import { fakeLlamaCli } from "../../helpers/fakes/fake-llama-cli.ts";
import { type HandlerHost, startHandlerHost } from "../../helpers/handler-host.ts";
import type { HostSetup } from "../../helpers/host-process.ts";
import { waitUntil } from "../../helpers/processes.ts";

it("createLog writes one JSON line for an event that is not below its level", () => {
  const lines: string[] = [];
  const now = () => new Date(0);
  const log = createLog({ writeLine: (line) => lines.push(line), level: "warn", now });

  log("info", "request_completed", {});
  log("error", "request_failed", { total_ms: 3, cause: undefined, note: "two\nlines" });

  expect(lines).toEqual([
    '{"timestamp":"1970-01-01T00:00:00.000Z","level":"error","event":"request_failed","total_ms":3,"note":"two\\nlines"}',
  ]);
});

/** On Linux, a disk that is always full. */
const fullDisk = "/dev/full";

let host: HandlerHost;

/** The bundled handler, which writes a line for each answer. */
async function start(setup: Partial<HostSetup> = {}): Promise<void> {
  host = await startHandlerHost({
    ...setup,
    variables: { BITNET_LLAMA_CLI: fakeLlamaCli, BITNET_MODEL: "fast" },
  });
}

describe("writeLogLine, in the bundled handler", () => {
  afterEach(() => host.close());

  it("is written to standard error, a line for each event", async () => {
    await start();

    await host.ask();
    await waitUntil(() => host.log().endsWith("\n"));

    expect(JSON.parse(host.log())).toMatchObject({ level: "info", event: "request_completed" });
  });

  it.each(["nobody reads it", "its disk is full"])(
    "is no reason to stop answering when %s",
    async (how) => {
      const isFull = how === "its disk is full";
      const logTo = openSync(isFull && existsSync(fullDisk) ? fullDisk : "/dev/null", "w");
      await start(isFull ? { logTo } : {});
      closeSync(logTo);
      host.child.stderr?.destroy();

      const answers = [await host.ask(), await host.ask()];

      expect(answers).toMatchObject([{ status: 200 }, { status: 200 }]);
    },
  );
});
