// A model with the page that predicts with it: a folder for any web host.

import * as v from "valibot";
import { MODEL_FILES } from "../../classifier/format.ts";
import { readModel } from "../../classifier/read-model.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import { isKey, type StoreReader } from "../../core/store/store.ts";

/** Files by their paths in the folder of a page. */
export type PageFiles = ReadonlyMap<string, Uint8Array>;

const INDEX = "index.html";
/** Lists the files of the page itself; scripts/hosted-pages.mjs writes it. */
export const PAGE_LIST = "files.json";
export const PageListSchema = v.object({ own: v.array(v.string()), large: v.array(v.string()) });
/** Only by a list with this mark files are deleted: other sites may have a files.json too. */
const MarkedListSchema = v.object({ ...PageListSchema.entries, format: v.literal("thaw predict page") });
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

/** The files of the page whose PAGE_LIST is `list`, with those that a model may have; none if that is no such list, or has no mark. */
export function listedFiles(list: Uint8Array | undefined): readonly string[] {
  const { success, output } = v.safeParse(MarkedListSchema, parseJsonOrNothing(list, { bytes: 100_000 }));
  if (!success) return [];
  return [...output.own, ...output.large, ...MODEL_FILES.map((key) => `${MODEL_FOLDER}/${key}`)].filter(isKey);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
