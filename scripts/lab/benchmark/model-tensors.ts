import { openByteSource } from "../../../model/byte-source.ts";
import { type GgufTensor, readGguf } from "../../../model/gguf.ts";

/** The tensors of a model file, without their bytes. */
export function modelTensors(path: string): readonly GgufTensor[] {
  const source = openByteSource(path);
  try {
    return readGguf(source).tensors;
  } finally {
    source.close();
  }
}
