/** How llama.cpp names a BitNet model's tensors. Source: LLM_TENSOR_NAMES of src/llama.cpp. */

/** The token table, which is both ends of the model. */
export const embeddingName = "token_embd.weight";
/** The norm before the scores. */
export const outputNormName = "output_norm.weight";

/** A tensor of a layer, such as `attn_q`. */
export function layerTensorName(layer: number, part: string): string {
  return `blk.${layer}.${part}.weight`;
}
