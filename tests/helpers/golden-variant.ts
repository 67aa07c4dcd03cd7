import { type Gguf, type GgufTensor, readGguf, readTensorBytes } from "../../model/gguf.ts";
import type { GgufContent } from "../../model/gguf-writer.ts";
import { writeGguf } from "./write-gguf.ts";

/** The golden model. */
export const goldenPath = "model/golden/golden.gguf";

/** Writes the golden model with changes: of its metadata, or of one tensor's bytes. */
export function writeGoldenVariant(
  path: string,
  changes: {
    readonly metadata?: (
      metadata: Map<string, Gguf["metadata"] extends ReadonlyMap<string, infer V> ? V : never>,
    ) => void;
    /** `undefined` leaves the tensor out. */
    readonly tensor?: (
      tensor: GgufTensor,
      bytes: Uint8Array,
    ) => GgufContent["tensors"][number] | undefined;
  },
): void {
  const model = readGguf(goldenPath);
  const metadata = new Map(model.metadata);
  changes.metadata?.(metadata);
  const tensors = model.tensors.flatMap((tensor) => {
    const bytes = readTensorBytes(model, tensor);
    if (changes.tensor === undefined) return [{ ...tensor, chunks: () => [bytes] }];
    return changes.tensor(tensor, bytes) ?? [];
  });
  writeGguf(path, { metadata, tensors });
}
