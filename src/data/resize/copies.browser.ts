// Copies in a browser: values of its own storage. Beside each lies what it was made of, which shows what need not be made again.

import * as v from "valibot";
import { storage } from "#storage";
import { UsageError } from "../../core/errors.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { Store } from "../../core/store/store.ts";
import type { ImageFacts, Item, ScannedItem } from "../dataset/items.ts";
import { ImageError } from "../decode/image.ts";
import type { FileStatus } from "../files/file-tree.ts";
import { withFile } from "../load/image-file.ts";
import { shrinkHere } from "../load/shrink.ts";
import type { ImageCopier, ResizedItem } from "./copies.ts";

export const copier: ImageCopier = {
  folderFor: (path, size, newPath) => `${newPath ?? `${storage.cacheFor(path)}/resized`}/${size}`,
  refuseInside,
  copy: (item, size, out) => copyItem(item, size, storage.open(out)),
};

/** A hidden folder is no class, so its values are not among the photographs. */
const factsKey = (name: string): string => `.thaw/${name}`;
const LIMITS = { bytes: 10_000 };
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const factsSchema = v.object({
  original: v.object({ bytes: count, modified: v.number() }),
  copy: v.object({ hash: v.string(), width: count, height: count }),
});

async function copyItem(item: Item, size: number, store: Store): Promise<ResizedItem> {
  const original = await item.stat?.();
  const old = original && (await wholeCopy(item.name, original, store));
  if (old) return { item: copyOf(item, store, old), made: false };
  const result = await withFile(item, (file) => shrinkHere({ file, name: item.name, size }));
  if ("error" in result) return { name: item.name, error: result.error };
  const { bytes, ...copy } = result;
  await store.put(item.name, bytes);
  if (original) await store.put(factsKey(item.name), JSON.stringify({ original, copy }));
  return { item: copyOf(item, store, copy), made: true };
}

/** The item whose image is its copy in `store`. */
function copyOf({ name, label, labels, values }: Item, store: Store, { hash, width, height }: ImageFacts): ScannedItem {
  return {
    name,
    label,
    ...(labels && { labels }),
    ...(values && { values }),
    hash,
    width,
    height,
    file: store.locate(name),
    async read() {
      const bytes = await store.get(name);
      if (!bytes) throw new ImageError("file not found");
      return bytes;
    },
    stat: () => store.stat(name),
  };
}

/** What is known of the copy of an image if it is there and was made of this original. */
async function wholeCopy(name: string, original: FileStatus, store: Store): Promise<ImageFacts | undefined> {
  const bytes = await store.get(factsKey(name));
  const facts = v.safeParse(factsSchema, bytes && parseJsonOrNothing(bytes, LIMITS));
  if (!facts.success || !(await store.stat(name))) return undefined;
  const { original: before, copy } = facts.output;
  return before.bytes === original.bytes && before.modified === original.modified ? copy : undefined;
}

async function refuseInside(root: string, out: string): Promise<void> {
  const [above, path] = [root, out].map((place) => `${place.replace(/\/+$/, "")}/`) as [string, string];
  if (path.startsWith(above) && !path.slice(above.length).startsWith("."))
    throw new UsageError(
      `The resized images cannot go into ${out}, which is in the folder of the originals`,
      "Choose a folder beside it; in it they would overwrite images, or count as a class.",
    );
}
