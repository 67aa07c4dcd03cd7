import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteSource, memoryByteSource, openByteSource } from "../../../model/byte-source.ts";
import { readGguf, readTensorBytes } from "../../../model/gguf.ts";
import {
  GgufError,
  type GgufErrorKind,
  type GgufScalar,
  type GgufValue,
} from "../../../model/gguf-format.ts";
import {
  encodeGguf,
  type GgufContent,
  type GgufTensorSource,
  writeGguf,
} from "../../../model/gguf-writer.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

const metadata = new Map<string, GgufValue>([
  ["a.u8", { type: "u8", value: 255 }],
  ["a.i8", { type: "i8", value: -128 }],
  ["a.u16", { type: "u16", value: 65535 }],
  ["a.i16", { type: "i16", value: -32768 }],
  ["a.u32", { type: "u32", value: 4294967295 }],
  ["a.i32", { type: "i32", value: -2147483648 }],
  ["a.f32", { type: "f32", value: 0.5 }],
  ["a.f64", { type: "f64", value: 0.1 }],
  ["a.u64", { type: "u64", value: 2n ** 64n - 1n }],
  ["a.i64", { type: "i64", value: -(2n ** 63n) }],
  ["a.bool", { type: "bool", value: true }],
  ["a.string", { type: "string", value: "Ġwörld 日本" }],
  ["a.strings", { type: "array", itemType: "string", value: ["", "x", "yz"] }],
  ["a.numbers", { type: "array", itemType: "i32", value: [1, -2, 3] }],
  ["a.nothing", { type: "array", itemType: "f32", value: [] }],
]);

const content: GgufContent = {
  metadata,
  tensors: [
    tensor("norm", "F32", [3], Buffer.from(new Float32Array([1, 2, 3]).buffer)),
    tensor("table", "F16", [5, 2], Buffer.alloc(20, 7)),
    tensor("ternary", "I2_S", [128, 2], Buffer.alloc(96, 9)),
    tensor("quantized", "Q6_K", [256, 1], Buffer.alloc(210, 5)),
  ],
};

describe("readGguf", () => {
  it("reads back metadata, and every tensor's shape and bytes", () => {
    const source = memory(content);
    const gguf = readGguf(source);

    const tensors = gguf.tensors.map((found) => ({
      ...{ name: found.name, type: found.type, dimensions: found.dimensions },
      bytes: Buffer.from(readTensorBytes(source, gguf, found)),
    }));

    expect(gguf.metadata).toEqual(metadata);
    expect(tensors).toEqual(
      content.tensors.map(({ chunks, ...shape }) => ({
        ...shape,
        bytes: Buffer.concat([...chunks()]),
      })),
    );
  });

  it.each<[string, GgufScalar[]]>([
    [
      "a vocabulary of more than a hundred thousand",
      Array.from({ length: 150_000 }, (_, index) => `t${index ** 2}`),
    ],
    ["a string that is longer than one read", ["x".repeat(700_000)]],
  ])("reads back %s", (_case, tokens) => {
    const vocabulary = { type: "array", itemType: "string", value: tokens } as const;

    const gguf = readGguf(memory({ metadata: new Map([["tokens", vocabulary]]), tensors: [] }));

    expect(Object(gguf.metadata.get("tokens")?.value).join()).toBe(tokens.join());
  });

  it("reads a header on across the end of its window, wherever that falls", () => {
    const [windowBytes, longestTail] = [256 * 1024, 700];
    for (let shift = 0; shift < longestTail; shift++) {
      const filling = "x".repeat(windowBytes - longestTail + shift);
      const shifted = new Map<string, GgufValue>([
        ["filling", { type: "string", value: filling }],
        ...metadata,
      ]);

      const gguf = readGguf(memory({ ...content, metadata: shifted }));

      expect(gguf.metadata).toEqual(shifted);
      expect(gguf.tensors.map(({ name }) => name)).toEqual(content.tensors.map(({ name }) => name));
    }
  });

  it("aligns every tensor to 32 bytes, or to what the metadata says", () => {
    const aligned = new Map(metadata).set("general.alignment", { type: "u32", value: 64 });

    const [usual, wide] = [content, { ...content, metadata: aligned }].map((it) =>
      readGguf(memory(it)),
    );

    expect(usual?.dataOffset).toBe(Math.ceil((usual?.dataOffset ?? 0) / 32) * 32);
    expect(usual?.tensors.map(({ offset }) => offset)).toEqual([0, 32, 64, 160]);
    expect(wide?.tensors.map(({ offset }) => offset)).toEqual([0, 64, 128, 256]);
  });

  it("fails with a named error wherever the file is cut off", () => {
    const whole = bytesOf(content);
    const kinds = new Set<GgufErrorKind>();

    for (let length = 0; length < lastDataByte(whole); length++) {
      kinds.add(failureOf(() => readGguf(memoryByteSource(whole.subarray(0, length)))).kind);
    }

    expect(kinds).toEqual(new Set(["truncated", "data-missing"]));
  });

  it("fails with a named error, or reads on, whichever byte of the header is broken", () => {
    const whole = bytesOf(content);
    const { dataOffset } = readGguf(memoryByteSource(whole));

    for (let position = 0; position < dataOffset; position++) {
      const broken = Buffer.from(whole);
      broken[position] = (broken[position] ?? 0) ^ 0xff;
      expect([undefined, "GgufError"]).toContain(
        errorOf(() => readGguf(memoryByteSource(broken)))?.name,
      );
    }
  });

  const afterNorm = bytesOf(content).indexOf("norm") + 4;

  it.each<[string, (bytes: Buffer) => unknown]>([
    ["bad-magic: invalid magic characters 'hell'", (bytes) => bytes.write("hello world")],
    [
      "bad-version: GGUF version 2 is not supported, only 3 is",
      (bytes) => bytes.writeUInt32LE(2, 4),
    ],
    // Big-endian.
    [
      "bad-version: GGUF version 50331648 is not supported, only 3 is",
      (bytes) => bytes.writeUInt32BE(3, 4),
    ],
    [
      "truncated: the file ends inside its header, at byte 16",
      (bytes) => bytes.writeBigUInt64LE(2n ** 40n, 8),
    ],
    [
      "malformed: impossible size 9223372036854776000",
      (bytes) => bytes.writeBigUInt64LE(2n ** 63n, 16),
    ],
    ["malformed: 'a.u8' has the unknown type 99", (bytes) => bytes.writeUInt32LE(99, 24 + 8 + 4)],
    [
      "malformed: tensor 'norm' has the unknown type 2",
      (bytes) => bytes.writeUInt32LE(2, afterNorm + 4 + 8),
    ],
    ["malformed: tensor 'norm' has 5 dimensions", (bytes) => bytes.writeUInt32LE(5, afterNorm)],
    [
      "data-missing: tensor 'norm' data is not within the file bounds, model is corrupted or incomplete",
      (bytes) => bytes.writeBigUInt64LE(2n ** 40n, afterNorm + 4 + 8 + 4),
    ],
  ])("says what is wrong: %s", (expected, patch) => {
    const bytes = bytesOf(content);
    patch(bytes);

    const { kind, message } = failureOf(() => readGguf(memoryByteSource(bytes)));
    expect(`${kind}: ${message}`).toBe(expected);
  });

  it("reads no tensor data for the metadata alone", () => {
    const inner = memory({
      metadata,
      tensors: [tensor("big", "F32", [1_000_000], Buffer.alloc(4_000_000))],
    });
    let read = 0;
    const counting: ByteSource = {
      ...inner,
      read: (offset, length) => {
        read += length;
        return inner.read(offset, length);
      },
    };

    readGguf(counting);

    expect(read).toBeLessThan(300_000);
  });
});

describe("openByteSource", () => {
  it.each([
    ["a file that is not there", "/nonexistent/model.gguf", /ENOENT/],
    ["a folder", tmpdir(), /EISDIR/],
  ])("says that %s cannot be read, and why", (_case, path, cause) => {
    const failure = failureOf(() => openByteSource(path).read(0, 4));

    expect(failure.kind).toBe("unreadable");
    expect(String(failure.cause)).toMatch(cause);
  });
});

describe("writeGguf", () => {
  const folder = temporaryFolder();

  it("writes a file that reads back the same", () => {
    const path = join(folder, "model.gguf");

    writeGguf(path, content);

    expect(readFileSync(path)).toEqual(bytesOf(content));
  });

  it("asks for a tensor's bytes only when the one before it is written", () => {
    const order: string[] = [];
    const named = (name: string): GgufTensorSource => ({
      name,
      type: "F32",
      dimensions: [2],
      *chunks() {
        order.push(`${name} begins`);
        yield Buffer.alloc(4);
        yield Buffer.alloc(4);
        order.push(`${name} ends`);
      },
    });

    bytesOf({ metadata: new Map(), tensors: [named("a"), named("b")] });

    expect(order).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it.each([
    [
      "other bytes than its shape needs",
      tensor("short", "F32", [3], Buffer.alloc(8)),
      new RangeError("tensor 'short' has 8 bytes, not 12"),
    ],
    ["a shape of no whole bytes", tensor("odd", "I2_S", [3], Buffer.alloc(1)), GgufError],
  ])("refuses a tensor with %s", (_case, odd, error) => {
    expect(() => bytesOf({ metadata: new Map(), tensors: [odd] })).toThrow(error);
  });
});

function tensor(
  name: string,
  type: GgufTensorSource["type"],
  dimensions: readonly number[],
  bytes: Buffer,
): GgufTensorSource {
  return { name, type, dimensions, chunks: () => [bytes] };
}

function bytesOf(it: GgufContent): Buffer {
  return Buffer.concat([...encodeGguf(it)]);
}

function memory(it: GgufContent): ByteSource {
  return memoryByteSource(bytesOf(it));
}

/** The end of the last tensor, without the padding behind it. */
function lastDataByte(whole: Buffer): number {
  const { tensors, dataOffset } = readGguf(memoryByteSource(whole));
  return Math.max(...tensors.map(({ offset, byteLength }) => dataOffset + offset + byteLength));
}

function errorOf(action: () => unknown): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function failureOf(action: () => unknown): GgufError {
  const error = errorOf(action);
  if (error instanceof GgufError) return error;
  throw new Error("no GgufError was thrown", { cause: error });
}
