// A model as one file: its folder in a zip, which is how a page gives it to its user.

import { UsageError } from "../../core/errors.ts";
import { checkKey, type Store, type StoreReader } from "../../core/store/store.ts";
import { storeOf } from "../../core/store/store-of.ts";
import { MODEL_FILE } from "../format.ts";

/** The most bytes of a file of a model, and how many times longer than in the zip one may be that is longer than `FREE` bytes: weights hardly shrink. */
const [LARGEST, RATIO, FREE] = [2e9, 100, 10_000_000];

/** Whether a place is the name of a zip. */
export function isZip(place: string): boolean {
  return /\.zip$/i.test(place);
}

/**
 * All of a saved model as a zip, for a page to offer as a download: loadClassifier reads it here and in Node, and so do thaw's commands. `place`
 * is what the model was saved to. Throws a UsageError if there is no model.
 */
export async function zipModel(place: string | Store): Promise<Blob> {
  const store = storeOf(place);
  const entries = await store.list("");
  if (!entries.some(({ key }) => key === MODEL_FILE))
    throw new UsageError(`There is no model in ${store.locate()}`, "Save one there first: learner.save, or the recipe's train.");
  const files: Record<string, [Uint8Array, { readonly level: 0 | 6; readonly mtime: number }]> = {};
  for (const { key, modified } of entries) {
    const bytes = await store.get(key);
    // Weights are noise, which does not shrink.
    if (bytes) files[key] = [bytes, { level: /\.(safetensors|onnx)$/.test(key) ? 0 : 6, mtime: modified }];
  }
  const { zipSync } = await import("./fflate.ts");
  return new Blob([zipSync(files) as Uint8Array<ArrayBuffer>], { type: "application/zip" });
}

/** The files of the model in the zip `bytes`, wherever in it its folder is; messages call the zip `name`. Throws a UsageError for a file that is none. */
export async function zipReader(bytes: Uint8Array, name: string): Promise<StoreReader> {
  const { unzipSync } = await import("./fflate.ts");
  const names: string[] = [];
  const unzipped = (wanted: string | undefined): Readonly<Record<string, Uint8Array>> => {
    try {
      return unzipSync(bytes, {
        filter(file) {
          if (file.originalSize > LARGEST || (file.originalSize > FREE && file.originalSize > RATIO * file.size))
            throw new UsageError(`${name} is no model: ${file.name} in it would have ${file.originalSize} bytes`, "Save the model again.");
          if (wanted === undefined) names.push(file.name);
          return file.name === wanted;
        },
      });
    } catch (cause) {
      if (cause instanceof UsageError) throw cause;
      throw new UsageError(`${name} is damaged, or no zip`, "Copy it again, or give the folder that it was made of.", { cause });
    }
  };
  unzipped(undefined);
  const [described] = names.filter((each) => each === MODEL_FILE || each.endsWith(`/${MODEL_FILE}`)).sort((a, b) => a.length - b.length);
  if (described === undefined)
    throw new UsageError(`${name} holds no model: there is no ${MODEL_FILE} in it`, "Give the zip of a model's folder.");
  const folder = described.slice(0, -MODEL_FILE.length);
  const get = async (key: string): Promise<Uint8Array | undefined> => {
    checkKey(key);
    return unzipped(`${folder}${key}`)[`${folder}${key}`];
  };
  return {
    locate: (key) => (key === undefined ? name : `${name}/${folder}${key}`),
    get,
    getRange: async (key, start, length) => (await get(key))?.subarray(start, start + length),
  };
}
