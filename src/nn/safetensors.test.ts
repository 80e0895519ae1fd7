// Safetensors: files survive a round trip, and hostile bytes cause nothing but a UsageError.

import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../core/errors.ts";
import { float32, int64, tensor } from "../core/tensor.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

function file(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  return fileOf(new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header)), data);
}

function fileOf(header: Uint8Array, data: Uint8Array | number): Uint8Array {
  const body = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + header.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  bytes.set(body, 8 + header.length);
  return bytes;
}

const four = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
const aSingleTensor = { a: float32([1, 2, 3, 4], [2, 2]) };

test("tensors and metadata are read back as they were written, at any alignment in memory", () => {
  const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
  const value = shape.chain((sizes) => {
    const length = sizes.reduce((a, b) => a * b, 1);
    return fc
      .float32Array({ minLength: length, maxLength: length })
      .map((data) => tensor("float32", sizes, data as Float32Array<ArrayBuffer>));
  });
  const parameters = fc.dictionary(
    fc.string().filter((name) => name !== "__metadata__" && name !== "__proto__"),
    value,
  );
  fc.assert(
    fc.property(parameters, fc.dictionary(fc.string(), fc.string()), fc.integer({ min: 0, max: 7 }), (tensors, metadata, shift) => {
      const written = writeSafetensors(new Map(Object.entries(tensors)), { metadata });
      const moved = Buffer.alloc(written.length + shift);
      moved.set(written, shift);
      expect(readSafetensors(moved.subarray(shift), "a")).toEqual(new Map(Object.entries(tensors)));
    }),
  );
});

test("a written file's data begins at a multiple of eight, and it contains its metadata", () => {
  const bytes = writeSafetensors(new Map(Object.entries(aSingleTensor)), { metadata: { arch: "resnet18" } });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
    __metadata__: { arch: "resnet18" },
    a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
  });
});

test("half precision becomes float32 exactly", () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x8000, 0x7e00);
  const bytes = file({ a: { dtype: "F16", shape: [9], data_offsets: [0, 18] } }, new Uint8Array(halves.buffer));
  const values = readSafetensors(bytes, "a").get("a")?.data;
  expect(Array.from(values ?? [])).toEqual([1, -2, 0.333251953125, 2 ** -24, 65504, Infinity, -Infinity, -0, NaN]);
});

test("PyTorch's batch counters are omitted, other integers refused", () => {
  const counter = { dtype: "I64", shape: [], data_offsets: [0, 8] };
  expect(readSafetensors(file({ "bn1.num_batches_tracked": counter }, 8), "a")).toEqual(new Map());
  expect(() => readSafetensors(file({ steps: counter }, 8), "x.safetensors")).toThrow(
    'Cannot use x.safetensors: tensor "steps" has the type I64',
  );
});

test.each([
  ["an empty file", new Uint8Array(0), "it has 0 bytes, fewer than the 8 that give the length of its header"],
  [
    "a header longer than the format allows",
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255),
    "its header claims 18446744073709551615 bytes",
  ],
  ["a truncated header", file({ a: four }).subarray(0, 20), "but 12 follow"],
  ["a header that is not JSON", file("{"), "its header is not JSON"],
  ["a header that is not text", fileOf(Uint8Array.of(0x22, 0xff, 0x22), 0), "its header is not JSON"],
  ["a header that is not an object", file([]), "its header is not a JSON object"],
  ["a name given twice", file(`{"a":${JSON.stringify(four)},"\\u0061":${JSON.stringify(four)}}`, 4), 'its header has "a" twice'],
  ["metadata that is not text", file({ __metadata__: { a: 1 } }), "its metadata is not a map of strings"],
  ["a shape of negative size", file({ a: { ...four, shape: [-1] } }, 4), 'tensor "a" is badly described (shape.0: '],
  ["a shape that is too large to count", file({ a: { ...four, shape: [2 ** 52, 2 ** 52] } }, 4), "but its offsets span 4"],
  ["a missing type", file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), 'tensor "a" is badly described (dtype: '],
  [
    "offsets that do not fit the shape",
    file({ a: { ...four, shape: [2] } }, 4),
    'tensor "a" [2] of type F32 takes 8 bytes but its offsets span 4',
  ],
  ["offsets that run backwards", file({ a: { ...four, data_offsets: [4, 0] } }, 4), "but its offsets span -4"],
  ["tensors that overlap", file({ a: four, b: four }, 4), 'tensor "b" starts at byte 0 but the one before it ends at 4'],
  ["a gap", file({ a: { ...four, data_offsets: [4, 8] } }, 8), 'tensor "a" starts at byte 4 but the one before it ends at 0'],
  ["truncated data", file({ a: four }, 3), "its tensors take 4 bytes but 3 are there"],
  ["data that nothing describes", file({ a: four }, 5), "1 bytes follow its last tensor"],
])("%s is refused with the reason", (_, bytes, message) => {
  expect(() => readSafetensors(bytes, "x.safetensors")).toThrow(UsageError);
  expect(() => readSafetensors(bytes, "x.safetensors")).toThrow(message);
  expect(() => readSafetensors(bytes, "x.safetensors")).toThrow("Cannot read x.safetensors as safetensors: ");
});

test("a type that thaw cannot use is refused with the cure", () => {
  const bytes = file({ a: { dtype: "F8_E5M2", shape: [2], data_offsets: [0, 2] } }, 2);
  expect(() => readSafetensors(bytes, "x.safetensors")).toThrow(
    expect.objectContaining({
      message: 'Cannot use x.safetensors: tensor "a" has the type F8_E5M2',
      hint: "Save the weights in float32 (F32) or half precision (F16, BF16).",
    }),
  );
});

test("hostile bytes are read or refused with a UsageError, never anything else", () => {
  const valid = writeSafetensors(new Map(Object.entries(aSingleTensor)), { metadata: { a: "b" } });
  const anyHeader = fc.dictionary(
    fc.oneof(fc.constantFrom("__metadata__", "__proto__", "a", "b"), fc.string()),
    fc.oneof(
      fc.jsonValue(),
      fc.record({
        dtype: fc.constantFrom("F32", "F16", "I64", "toString"),
        shape: fc.array(fc.oneof(fc.nat(4), fc.maxSafeInteger(), fc.double()), { maxLength: 3 }),
        data_offsets: fc.tuple(fc.oneof(fc.nat(16), fc.maxSafeInteger()), fc.oneof(fc.nat(16), fc.maxSafeInteger())),
      }),
    ),
  );
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.tuple(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 16 })).map(([header, data]) => fileOf(header, data)),
    fc.tuple(fc.jsonValue(), fc.nat(16)).map(([header, size]) => file(JSON.stringify(header), size)),
    fc.tuple(anyHeader, fc.nat(16)).map(([header, size]) => file(header, size)),
    fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => {
      const bytes = valid.slice();
      for (const [place, byte] of changes) bytes[place] = byte;
      return bytes;
    }),
    fc.nat(valid.length - 1).map((length) => valid.subarray(0, length)),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      try {
        readSafetensors(bytes, "x.safetensors");
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a very long name and deep nesting do not crash the reader", () => {
  expect(() => readSafetensors(file(`{"${"a".repeat(2e7)}":1}`), "x")).toThrow(UsageError);
  expect(() => readSafetensors(file(`{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`), "x")).toThrow(UsageError);
});

test("only float32 tensors with unreserved names are written", () => {
  expect(() => writeSafetensors(new Map([["a", int64([1])]]))).toThrow(
    'Expected float32 for the type of parameter "a" but received "int64"',
  );
  expect(() => writeSafetensors(new Map([["__metadata__", float32(1)]]))).toThrow("Expected a name that the format does not reserve");
});

test("half precision halves the file, and numbers are read back rounded to the nearest half", () => {
  const values = [0, 1, -2.5, 1 / 3, 65504, 6e-8];
  const written = new Map([["a", float32(values)]]);
  const bytes = writeSafetensors(written, { half: true });
  expect(bytes.length).toBe(writeSafetensors(written).length - 2 * values.length);
  expect(readSafetensors(bytes, "a").get("a")?.data).toEqual(Float32Array.of(0, 1, -2.5, 0.333251953125, 65504, 2 ** -24));
});

test("a number that half precision cannot represent is refused", () => {
  expect(() => writeSafetensors(new Map([["a.weight", float32([1, 70000])]]), { half: true })).toThrow(
    'Expected numbers below 65,520, which half precision can represent, for parameter "a.weight" but received 70000',
  );
});
