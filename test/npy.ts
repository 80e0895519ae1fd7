// Reads NumPy's .npy files: only float32 and uint8 in C order, which the recorded outputs use.

import { readFileSync } from "node:fs";
import { fromBytes, type Tensor } from "../src/core/index.ts";

const TYPES = { "<f4": "float32", "|u1": "uint8" } as const;

/** The array in the file at `path`; throws for other types or orders of elements. */
export function readNpy(path: string): Tensor<"float32" | "uint8"> {
  const bytes = new Uint8Array(readFileSync(path));
  const length = new DataView(bytes.buffer).getUint16(8, true);
  const header = new TextDecoder("latin1").decode(bytes.subarray(10, 10 + length));
  const [, descr, order, dimensions] = /'descr': '([^']+)', 'fortran_order': (\w+), 'shape': \(([^)]*)\)/.exec(header) ?? [];
  const type = TYPES[descr as keyof typeof TYPES];
  if (type === undefined || order !== "False" || dimensions === undefined) throw new Error(`Cannot read ${path}: ${header}`);
  const shape = dimensions
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map(Number);
  return fromBytes(type, shape, bytes.subarray(10 + length));
}
