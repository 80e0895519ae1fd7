// A model with the page that predicts with it: a folder for any web host.

import { MODEL_FILES } from "../../classifier/format.ts";
import { readModel } from "../../classifier/read-model.ts";
import type { StoreReader } from "../../core/store/store.ts";

/** Files by their paths in the folder of a page. */
export type PageFiles = ReadonlyMap<string, Uint8Array>;

const INDEX = "index.html";
/** Where the page looks for its model. */
const MODEL_FOLDER = "model";

/** The files of `page` and of the model in `place`, which the page calls `name`. Throws a UsageError if there is no valid model. */
export async function pageOf(place: StoreReader, name: string, page: PageFiles): Promise<Map<string, Uint8Array>> {
  await readModel(place);
  const files = new Map(page);
  const index = new TextDecoder().decode(files.get(INDEX));
  files.set(INDEX, new TextEncoder().encode(index.replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(name)}</title>`)));
  for (const key of MODEL_FILES) {
    const content = await place.get(key);
    if (content) files.set(`${MODEL_FOLDER}/${key}`, content);
  }
  return files;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
