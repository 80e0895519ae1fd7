// Weights in several safetensors files beside an index, as Hugging Face's tools save large networks: "weight_map" names each tensor's file.

import * as v from "valibot";
import { UsageError } from "../core/errors.ts";
import { parseJson } from "../core/json.ts";
import type { Tensor } from "../core/tensor.ts";
import { readSafetensors } from "./safetensors.ts";

const indexSchema = v.object({ weight_map: v.record(v.string(), v.string()) });

/** Names of files in the folder of the index: no path, nothing hidden. */
const FILE = /^[\w-][\w.-]*\.safetensors$/;

/** The most bytes of an index. */
const LARGEST = 20_000_000;

/** The most files of an index. */
const MOST = 1000;

/** Whether a file is an index of shards, by its name. */
export function isIndex(file: string): boolean {
  return file.endsWith(".safetensors.index.json");
}

/** The file of each tensor, by the tensor's name. Throws a UsageError for bytes that are not an index, and for files in other folders. */
export function readIndex(bytes: Uint8Array, fileName: string): ReadonlyMap<string, string> {
  const hint = "Copy the index and all its files again into one folder.";
  const index = parseJson(
    bytes,
    { bytes: LARGEST },
    (reason, cause) => new UsageError(`Cannot read ${fileName}: it ${reason}`, hint, { cause }),
  );
  if (!v.is(indexSchema, index)) throw new UsageError(`Cannot read ${fileName}: it has no "weight_map" from tensors to files`, hint);
  const files = new Map(Object.entries(index.weight_map));
  for (const [name, file] of files)
    if (!FILE.test(file))
      throw new UsageError(`${fileName} refers to the file "${file}" for "${name}", which is not a file of its folder`, hint);
  if (new Set(files.values()).size > MOST) throw new UsageError(`${fileName} refers to more than ${MOST} files`, hint);
  return files;
}

/** The tensors of all files that the index `bytes` names; `read` gives the bytes of one of them. Throws a UsageError for a tensor that is not where it should be. */
export async function readShards(
  bytes: Uint8Array,
  fileName: string,
  read: (file: string) => Promise<Uint8Array>,
): Promise<Map<string, Tensor<"float32">>> {
  const index = readIndex(bytes, fileName);
  const tensors = new Map<string, Tensor<"float32">>();
  for (const file of new Set(index.values())) {
    const found = readSafetensors(await read(file), file);
    for (const [name, value] of found) {
      if (index.get(name) !== file)
        throw new UsageError(
          `${file} holds the tensor "${name}", but ${fileName} does not say so`,
          "Copy the index and all its files again.",
        );
      tensors.set(name, value);
    }
  }
  for (const [name, file] of index)
    if (!tensors.has(name) && !name.endsWith("num_batches_tracked"))
      throw new UsageError(
        `${file} lacks the tensor "${name}", which ${fileName} says is there`,
        "Copy the index and all its files again.",
      );
  return tensors;
}
