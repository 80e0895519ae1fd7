// The small ONNX files of test/onnx; test/reference/make_onnx.py made them, with PyTorch's results.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ImportedNetwork, importOnnx, type OnnxOptions } from "../src/nn/onnx/import.ts";

/** Side of their images in pixels. */
export const ONNX_SIZE = 32;

const folder = new URL("./onnx/", import.meta.url);

export const onnxFiles: readonly string[] = readdirSync(folder).filter((name) => name.endsWith(".onnx"));

export interface OnnxReference {
  readonly logits: readonly number[];
  /** Every 29th number of d(loss)/d(images), where the loss is the cross-entropy against the classes 1 and 3. */
  readonly gradient: readonly number[];
}

export const onnxReference: { readonly every: number; readonly networks: Readonly<Record<string, OnnxReference>> } = JSON.parse(
  readFileSync(new URL("./reference/onnx.json", import.meta.url), "utf8"),
);

/** The path of one of the files, such as "convolutions.legacy11.onnx". */
export function onnxPath(file: string): string {
  return fileURLToPath(new URL(file, folder));
}

export function importModel(file: string, options: OnnxOptions = {}): Promise<ImportedNetwork> {
  return importOnnx(
    file,
    readFileSync(onnxPath(file)),
    (location, offset, length) =>
      new Uint8Array(readFileSync(onnxPath(location))).slice(offset, length === undefined ? undefined : offset + length),
    options,
  );
}
