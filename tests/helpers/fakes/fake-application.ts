import { type Application, createApplication } from "../../../runtime/application.ts";
import type { EngineName } from "../../../runtime/engine/engines.ts";
import { fakeLlamaCli } from "./fake-llama-cli.ts";
import { fakeLlamaServer } from "./fake-llama-server.ts";

const opened: Application[] = [];
afterEach(() => Promise.all(opened.splice(0).map(({ engine }) => engine.stop())));

/** The variables of a fake engine; the name of its model is its scenario. */
export const fakeVariables = (engine: EngineName, model: string) => ({
  BITNET_ENGINE: engine,
  BITNET_LLAMA_CLI: fakeLlamaCli,
  BITNET_LLAMA_SERVER: fakeLlamaServer,
  BITNET_MODEL: model,
});

/** An application, stopped after its test, with a context to invoke it in, and what it logs. */
export function openApplication(variables: Record<string, string>) {
  const lines: Record<string, unknown>[] = [];
  const application = createApplication(
    { PATH: process.env.PATH, ...variables },
    { writeLogLine: (line) => lines.push(JSON.parse(line)) },
  );
  opened.push(application);
  const context = { awsRequestId: "id-1", getRemainingTimeInMillis: () => 60_000 };
  return { application, context, lines };
}
