// Safetensors files: tensors by name, no code. Reading is strict: a file is accepted as a whole or refused with the reason.
// The format: the header's length in 8 bytes (little-endian), a JSON header, then the bytes of all tensors without gaps.

import * as v from "valibot";
import { expected, UsageError } from "../core/errors.ts";
import { floatsFromBrains, floatsFromHalves, halfFromFloat } from "../core/half.ts";
import { parseJson } from "../core/json.ts";
import { fromBytes, sizeOf, type Tensor, tensor, toBytes } from "../core/tensor.ts";
import type { Parameters } from "./scope.ts";

const PREFIX = 8;
/** The limit of the format's own reader. */
const LARGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";
/** PyTorch's counter beside running statistics, which is not needed. */
const COUNTER = "num_batches_tracked";
const BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I64: 8 };
/** Types of 16 bits, and the numbers of their bits. */
const HALVES: Readonly<Record<string, typeof floatsFromHalves | undefined>> = { F16: floatsFromHalves, BF16: floatsFromBrains };

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.strictObject({ dtype: v.string(), shape: v.array(count), data_offsets: v.strictTuple([count, count]) });
const metadataSchema = v.record(v.string(), v.string());

interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads the tensors of a safetensors file: F32 unchanged, F16 and BF16 as float32; PyTorch's batch counters are omitted. Tensors may share memory
 * with `bytes`. Throws a UsageError that names `fileName` for anything but a complete, consistent file of these types.
 */
export function readSafetensors(bytes: Uint8Array, fileName: string): Map<string, Tensor<"float32">> {
  // A Node Buffer's slice() would share memory and keep it unaligned.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = headerEnd(plain, fileName);
  const entries = parseHeader(plain.subarray(PREFIX, start), fileName);
  const data = plain.subarray(start);
  checkLayout(entries, data.length, fileName);
  return new Map(entries.filter((entry) => entry.dtype !== "I64").map((entry) => [entry.name, toTensor(entry, data)]));
}

/** The metadata in a safetensors file's header. Throws like readSafetensors for a damaged header. */
export function readMetadata(bytes: Uint8Array, fileName: string): Readonly<Record<string, string>> {
  const header = headerJson(bytes.subarray(PREFIX, headerEnd(bytes, fileName)), fileName);
  const metadata = v.safeParse(v.object({ [METADATA]: metadataSchema }), header);
  return metadata.success ? metadata.output[METADATA] : {};
}

export interface WriteOptions {
  /** Texts for the file's header. */
  metadata?: Readonly<Record<string, string>> | undefined;
  /** Rounds to half precision (F16): half the size, three to four digits. Default false. */
  half?: boolean;
}

/** Writes float32 tensors as a safetensors file, in the order of `parameters`. Throws for a number that half precision cannot represent. */
export function writeSafetensors(parameters: Parameters, { metadata, half = false }: WriteOptions = {}): Uint8Array {
  const header: Record<string, unknown> = metadata ? { [METADATA]: metadata } : {};
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, value] of parameters) {
    if (name === METADATA) throw expected("a name that the format does not reserve", "a parameter", name);
    if (value.type !== "float32") throw expected("float32", `the type of parameter "${name}"`, value.type);
    const bytes = toBytes(half ? toHalf(name, value as Tensor<"float32">) : value);
    header[name] = { dtype: half ? "F16" : "F32", shape: value.shape, data_offsets: [offset, offset + bytes.length] };
    parts.push(bytes);
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces after the header keep the tensors aligned, as the format advises.
  const length = Math.ceil(json.length / 8) * 8;
  const result = new Uint8Array(PREFIX + length + offset).fill(0x20, PREFIX, PREFIX + length);
  new DataView(result.buffer).setBigUint64(0, BigInt(length), true);
  result.set(json, PREFIX);
  let at = PREFIX + length;
  for (const bytes of parts) {
    result.set(bytes, at);
    at += bytes.length;
  }
  return result;
}

function toHalf(name: string, { shape, data }: Tensor<"float32">): Tensor<"float16"> {
  const large = data.find((value) => Math.abs(value) >= 65520);
  if (large !== undefined) throw expected("numbers below 65,520, which half precision can represent,", `parameter "${name}"`, large);
  return tensor("float16", shape, Uint16Array.from(data, halfFromFloat));
}

function headerEnd(bytes: Uint8Array, fileName: string): number {
  if (bytes.length < PREFIX)
    throw damaged(fileName, `it has ${bytes.length} bytes, fewer than the ${PREFIX} that give the length of its header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > LARGEST_HEADER) throw damaged(fileName, `its header claims ${length} bytes`);
  const end = PREFIX + Number(length);
  if (end > bytes.length) throw damaged(fileName, `its header claims ${length} bytes but ${bytes.length - PREFIX} follow`);
  return end;
}

function parseHeader(bytes: Uint8Array, fileName: string): readonly Entry[] {
  const header = headerJson(bytes, fileName);
  if (typeof header !== "object" || header === null || Array.isArray(header)) throw damaged(fileName, "its header is not a JSON object");
  return Object.entries(header).flatMap(([name, value]) => {
    if (name !== METADATA) return [parseEntry(name, value, fileName)];
    if (!v.is(metadataSchema, value)) throw damaged(fileName, "its metadata is not a map of strings");
    return [];
  });
}

function headerJson(bytes: Uint8Array, fileName: string): unknown {
  return parseJson(bytes, { bytes: LARGEST_HEADER }, (reason, cause) => damaged(fileName, `its header ${reason}`, cause));
}

function parseEntry(name: string, value: unknown, fileName: string): Entry {
  const parsed = v.safeParse(entrySchema, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const place = v.getDotPath(issue);
    throw damaged(fileName, `tensor "${name}" is badly described (${place ? `${place}: ` : ""}${issue.message})`);
  }
  const { dtype, shape, data_offsets } = parsed.output;
  const counter = dtype === "I64" && (name === COUNTER || name.endsWith(`.${COUNTER}`));
  if (dtype !== "F32" && !HALVES[dtype] && !counter) {
    throw new UsageError(
      `Cannot use ${fileName}: tensor "${name}" has the type ${dtype}`,
      "Save the weights in float32 (F32) or half precision (F16, BF16).",
    );
  }
  return { name, dtype, shape, begin: data_offsets[0], end: data_offsets[1] };
}

/** Checks that the tensors, in the order of their offsets, fill the data exactly. */
function checkLayout(entries: readonly Entry[], size: number, fileName: string): void {
  let at = 0;
  for (const { name, dtype, shape, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const bytes = sizeOf(shape) * (BYTES[dtype] ?? Number.NaN);
    if (end - begin !== bytes)
      throw damaged(fileName, `tensor "${name}" [${shape}] of type ${dtype} takes ${bytes} bytes but its offsets span ${end - begin}`);
    if (begin !== at) throw damaged(fileName, `tensor "${name}" starts at byte ${begin} but the one before it ends at ${at}`);
    at = end;
  }
  if (at > size) throw damaged(fileName, `its tensors take ${at} bytes but ${size} are there`);
  if (at < size) throw damaged(fileName, `${size - at} bytes follow its last tensor`);
}

function toTensor({ dtype, shape, begin, end }: Entry, data: Uint8Array): Tensor<"float32"> {
  const bytes = data.subarray(begin, end);
  const half = HALVES[dtype];
  return half ? tensor("float32", shape, half(fromBytes("float16", shape, bytes).data)) : fromBytes("float32", shape, bytes);
}

function damaged(fileName: string, what: string, cause?: unknown): UsageError {
  return new UsageError(
    `Cannot read ${fileName} as safetensors: ${what}`,
    "The file is damaged, truncated or of another kind: download or save it again.",
    { cause },
  );
}
