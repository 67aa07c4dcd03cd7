import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseGguf, readGguf, readTensorBytes } from "../../../model/gguf.ts";
import { GgufError, type GgufValue } from "../../../model/gguf-format.ts";
import { encodeGguf, type GgufContent, type GgufTensorSource } from "../../../model/gguf-writer.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import { writeGguf } from "../../helpers/write-gguf.ts";

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

const folder = temporaryFolder();
const path = join(folder, "model.gguf");

describe("readGguf", () => {
  it("reads back metadata, and every tensor's shape and bytes", () => {
    writeGguf(path, content);
    const gguf = readGguf(path);

    const tensors = gguf.tensors.map((found) => ({
      ...{ name: found.name, type: found.type, dimensions: found.dimensions },
      bytes: Buffer.from(readTensorBytes(gguf, found)),
    }));

    expect(gguf.metadata).toEqual(metadata);
    expect(tensors).toEqual(
      content.tensors.map(({ chunks, ...shape }) => ({
        ...shape,
        bytes: Buffer.concat([...chunks()]),
      })),
    );
  });

  it("reads back a vocabulary of more than a hundred thousand", () => {
    const value = Array.from({ length: 150_000 }, (_, index) => `t${index ** 2}`);
    const vocabulary = { type: "array", itemType: "string", value } as const;

    const gguf = parseGguf(bytesOf({ metadata: new Map([["it", vocabulary]]), tensors: [] }));

    expect(Object(gguf.metadata.get("it")?.value).join()).toBe(value.join());
  });

  it("aligns every tensor to 32 bytes, or to what the metadata says", () => {
    const aligned = new Map(metadata).set("general.alignment", { type: "u32", value: 64 });

    const [usual, wide] = [content, { ...content, metadata: aligned }].map((it) =>
      parseGguf(bytesOf(it)),
    );

    expect([Number(usual?.dataOffset) % 32, Number(wide?.dataOffset) % 64]).toEqual([0, 0]);
    expect(usual?.tensors.map(({ offset }) => offset)).toEqual([0, 32, 64, 160]);
    expect(wide?.tensors.map(({ offset }) => offset)).toEqual([0, 64, 128, 256]);
  });

  it("fails with a named error wherever the file is cut off", () => {
    const whole = bytesOf(content);
    const { tensors, dataOffset } = parseGguf(whole);
    const ends = tensors.map(({ offset, byteLength }) => dataOffset + offset + byteLength);

    for (let length = 0; length < Math.max(...ends); length++) {
      expect(() => parseGguf(whole.subarray(0, length))).toThrow(
        /^(the file ends inside its header|tensor '\w+' data is not within the file bounds)/,
      );
    }
  });

  it("fails with a named error, or reads on, whichever byte of the header is broken", () => {
    const whole = bytesOf(content);
    const { dataOffset } = parseGguf(whole);

    for (let position = 0; position < dataOffset; position++) {
      const broken = Buffer.from(whole);
      broken[position] = (broken[position] ?? 0) ^ 0xff;
      try {
        parseGguf(broken);
      } catch (error) {
        expect(error).toBeInstanceOf(GgufError);
      }
    }
  });

  const afterNorm = bytesOf(content).indexOf("norm") + 4;

  it.each<[string, (bytes: Buffer) => unknown]>([
    ["invalid magic characters 'hell'", (bytes) => bytes.write("hello world")],
    ["GGUF version 2 is not supported, only 3 is", (bytes) => bytes.writeUInt32LE(2, 4)],
    // Big-endian.
    ["GGUF version 50331648 is not supported, only 3 is", (bytes) => bytes.writeUInt32BE(3, 4)],
    ["the file ends inside its header, at byte 16", (it) => it.writeBigUInt64LE(2n ** 40n, 8)],
    ["impossible size 9223372036854776000", (bytes) => bytes.writeBigUInt64LE(2n ** 63n, 16)],
    ["'a.u8' has the unknown type 99", (bytes) => bytes.writeUInt32LE(99, 24 + 8 + 4)],
    ["tensor 'norm' has the unknown type 2", (it) => it.writeUInt32LE(2, afterNorm + 4 + 8)],
    ["tensor 'norm' has 5 dimensions", (bytes) => bytes.writeUInt32LE(5, afterNorm)],
    [
      "tensor 'norm' data is not within the file bounds, model is corrupted or incomplete",
      (bytes) => bytes.writeBigUInt64LE(2n ** 40n, afterNorm + 4 + 8 + 4),
    ],
  ])("says what is wrong: %s", (message, patch) => {
    const bytes = bytesOf(content);
    patch(bytes);

    expect(() => parseGguf(bytes)).toThrow(new GgufError(message));
  });

  it.each([
    ["a file that is not there", "/nonexistent/model.gguf", /ENOENT/],
    ["a folder", tmpdir(), /EISDIR/],
  ])("says that %s cannot be read, and why", (_case, place, message) => {
    expect(() => readGguf(place)).toThrow(message);
    expect(() => readGguf(place)).toThrow(expect.objectContaining({ kind: "unreadable" }));
  });
});

describe("encodeGguf", () => {
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
