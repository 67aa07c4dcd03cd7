import type { AdmittedCall } from "../answer.ts";
import { type Contract, contracts } from "../contracts.ts";
import { AppError } from "../errors.ts";
import type { Service } from "../service.ts";
import { eventStreamResponse } from "./event-stream.ts";
import { readJson } from "./request-body.ts";

/** A request on its way through a route. */
export interface Exchange {
  readonly service: Service;
  readonly request: Request;
  readonly call: AdmittedCall;
  /** A named part of the path, decoded. */
  readonly parameter: (name: string) => string;
}

/** One line of the routing table. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Needs no API key, even where one is configured. */
  readonly isOpen?: true;
  readonly answer: (exchange: Exchange) => Promise<Response> | Response;
}

/** The one routing table. */
export const routes: readonly Route[] = [
  { method: "GET", path: "/health", isOpen: true, answer: answerHealth },
  {
    method: "GET",
    path: "/v1/models",
    answer: ({ service }) => json({ object: "list", data: [modelObject(service.modelName)] }),
  },
  { method: "GET", path: "/v1/models/:model", answer: answerModel },
  ...Object.entries(contracts).map(
    ([path, contract]): Route => ({ method: "POST", path, answer: answerBy(contract) }),
  ),
  // Where a function URL is called without a path: the direct contract.
  { method: "POST", path: "/", answer: answerBy(contracts["/completion"]) },
];

function json(body: object): Response {
  return Response.json(body);
}

function answerHealth({ service }: Exchange): Response {
  service.checkHealth();
  return json({ status: "ok" });
}

function answerModel({ service, parameter }: Exchange): Response {
  if (parameter("model") === service.modelName) return json(modelObject(service.modelName));
  throw new AppError("model-unknown", `the one model is \`${service.modelName}\``);
}

/** When the model was published, in seconds since 1970: the model card's date, 2025-04-14. */
const publishedAt = Date.UTC(2025, 3, 14) / 1000;

/** The one model that is served, in OpenAI's shape. */
function modelObject(modelName: string) {
  return { id: modelName, object: "model", created: publishedAt, owned_by: "bitnet-lambda" };
}

/** Answers by a contract, whole or as a stream. */
function answerBy(contract: Contract): Route["answer"] {
  return async ({ service, request, call }) => {
    const asked = contract(await readJson(request), service.openAiContext(call.requestId));
    if (!asked.isStreamed) {
      return json(await asked.answer((generation) => service.begin(generation, call)));
    }
    return eventStreamResponse({
      service,
      call,
      begin: (streamCall) =>
        asked.stream(
          (generation) => service.begin(generation, streamCall),
          (thrown) => service.fail(thrown, call).body,
        ),
      closing: asked.closing,
    });
  };
}
