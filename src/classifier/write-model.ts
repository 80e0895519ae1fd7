// Writing a model folder: built beside its place and moved there whole, so that a reader never sees half a model. Node only.

import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFile } from "../core/files.ts";
import { hashBytes } from "../core/hash.ts";
import { writeSafetensors } from "../nn/safetensors.ts";
import type { Parameters } from "../nn/scope.ts";
import { describeModel, MODEL_FILE, type ModelContents, WEIGHTS_FILE } from "./format.ts";

/** Writes the model folder `folder`, in place of what was there. Throws a UsageError for contents that no reader would take. */
export async function writeModel(folder: string, contents: ModelContents, parameters: Parameters): Promise<void> {
  const weights = writeSafetensors(parameters);
  const model = describeModel(contents, hashBytes(weights));
  const [fresh, old] = [`${folder}.new`, `${folder}.old`];
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await writeFile(join(fresh, WEIGHTS_FILE), weights);
  await writeFile(join(fresh, MODEL_FILE), `${JSON.stringify(model, undefined, 2)}\n`);
  await rm(old, { recursive: true, force: true });
  await rename(folder, old).catch(ignoreMissing);
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
