import { serveApplication } from "../helpers/http-server.ts";
import { goldenModel, referenceLlamaCli, referenceLlamaServer } from "../helpers/reference.ts";
import { describeOpenAiClient, type ServerUnderTest } from "./openai-client.contract.ts";

type Served = Awaited<ReturnType<typeof serveApplication>>;

/** The client's suite on the application with these variables. */
function describeApplication(
  name: string,
  variables: Record<string, string>,
  under: Omit<ServerUnderTest, "baseUrl" | "isAbortSeen" | "isStreaming">,
): void {
  describe(name, () => {
    let served: Served;
    beforeAll(async () => {
      served = await serveApplication(variables);
      await served.application.engine.settled();
    });
    afterAll(() => served.close());
    const baseUrl = () => served.url;
    describeOpenAiClient(name, { ...under, baseUrl, isAbortSeen: true, isStreaming: true });
  });
}

const golden = {
  modelName: "golden",
  question: "What is the capital of France?",
  answer: "The capital of France is Paris.",
  longQuestion: "Tell me a joke about programming.",
} as const;

describeApplication(
  "llama-cli",
  { BITNET_LLAMA_CLI: referenceLlamaCli, BITNET_MODEL: goldenModel },
  golden,
);

describeApplication(
  "llama-server",
  {
    BITNET_ENGINE: "llama-server",
    BITNET_LLAMA_SERVER: referenceLlamaServer,
    BITNET_MODEL: goldenModel,
  },
  golden,
);
