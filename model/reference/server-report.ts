/** What llama-server tells of itself and of its model. */

import { embeddingName } from "../gguf-format.ts";
import { type ServerFacts, settingsReport } from "./completion-report.ts";
import type { Model } from "./engine.ts";
import type { EngineSettings } from "./engine-settings.ts";

/** `GET /props`: what is in force for a request that sets nothing. */
export function propertiesReport(
  facts: ServerFacts,
  { sampling, grammar }: EngineSettings,
  { gguf }: Model,
): object {
  const request = { sampling, grammar, stop: [], predictTokens: -1, isStreamed: true };
  const settings = settingsReport(facts, { ...request, keepTokens: 0, seedInForce: 0 });
  return {
    default_generation_settings: { ...settings, seed: -1 },
    total_slots: 1,
    chat_template: gguf.metadata.get("tokenizer.chat_template")?.value ?? "",
  };
}

/** llama.cpp's number for byte pair encoding. */
const BYTE_PAIR_ENCODING = 2;

/** `GET /v1/models`. The embedding counts twice, as it stands at both ends of the model. */
export function modelsReport({ gguf, parameters }: Model, path: string, created: number): object {
  const embedding = gguf.tensors.filter(({ name }) => name === embeddingName);
  const tensors = [...gguf.tensors, ...embedding];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const elements = (dimensions: readonly number[]) => dimensions.reduce((a, b) => a * b, 1);
  const meta = {
    vocab_type: BYTE_PAIR_ENCODING,
    n_vocab: parameters.vocabularySize,
    n_ctx_train: parameters.contextLength,
    n_embd: parameters.width,
    n_params: sum(tensors.map(({ dimensions }) => elements(dimensions))),
    size: sum(tensors.map(({ byteLength }) => byteLength)),
  };
  const model = { id: path, object: "model", created, owned_by: "llamacpp", meta };
  return { object: "list", data: [model] };
}
