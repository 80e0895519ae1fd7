// Writes a model folder: built beside its place and moved there whole, so that a reader never sees half a model. Node only.

import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFile } from "../core/files.node.ts";
import { hashBytes } from "../core/hash.ts";
import { writeSafetensors } from "../nn/safetensors.ts";
import type { Parameters, StoredNetwork } from "../nn/scope.ts";
import { describeModel, MODEL_FILE, type ModelContents, type ModelDescription, NETWORK_FILE, WEIGHTS_FILE } from "./format.ts";

/**
 * Writes the model folder `folder`, in place of what was there; `stored` is the body of a network that came from an ONNX file. Throws a
 * UsageError for contents that readers would refuse.
 */
export async function writeModel(folder: string, contents: ModelContents, parameters: Parameters, stored?: StoredNetwork): Promise<void> {
  const weights = writeSafetensors(parameters);
  const model = describeModel(contents, hashBytes(weights), stored && networkOf(stored));
  const [fresh, old] = [`${folder}.new`, `${folder}.old`];
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, WEIGHTS_FILE), weights);
  if (stored) await writeFile(join(fresh, NETWORK_FILE), stored.bytes);
  await writeFile(join(fresh, MODEL_FILE), `${JSON.stringify(model, undefined, 2)}\n`);
  await rm(old, { recursive: true, force: true });
  await rename(folder, old).catch(ignoreMissing);
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
}

function networkOf({ bytes, form, split }: StoredNetwork): ModelDescription["network"] {
  return { file: NETWORK_FILE, sha256: hashBytes(bytes), form, split };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
