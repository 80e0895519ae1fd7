// Writes a model: all of its files at once, so that a reader never sees half a model.

import { hashBytes } from "../core/hash.ts";
import type { Content, Store } from "../core/store/store.ts";
import { writeSafetensors } from "../nn/safetensors.ts";
import type { Parameters, StoredNetwork } from "../nn/scope.ts";
import { describeModel, MODEL_FILE, type ModelContents, type ModelDescription, NETWORK_FILE, WEIGHTS_FILE } from "./format.ts";

/**
 * Replaces all that `store` holds by a model; `stored` is the body of a network that came from an ONNX file. Throws a UsageError for
 * contents that readers would refuse, and if they cannot be written.
 */
export async function writeModel(store: Store, contents: ModelContents, parameters: Parameters, stored?: StoredNetwork): Promise<void> {
  const weights = writeSafetensors(parameters);
  const model = describeModel(contents, hashBytes(weights), stored && networkOf(stored));
  const values: (readonly [string, Content])[] = [
    [WEIGHTS_FILE, weights],
    ...(stored ? [[NETWORK_FILE, stored.bytes] as const] : []),
    [MODEL_FILE, `${JSON.stringify(model, undefined, 2)}\n`],
  ];
  await store.replace(new Map(values));
}

function networkOf({ bytes, form, split }: StoredNetwork): ModelDescription["network"] {
  return { file: NETWORK_FILE, sha256: hashBytes(bytes), form, split };
}
