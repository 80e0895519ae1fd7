// Looks at every image file once, and finds the pictures that are there more than once: what thaw check, thaw audit and the report show.

import { files } from "#files";
import { pool } from "#load";
import { fromBase64 } from "../../core/base64.ts";
import { hashJson } from "../../core/hash.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Store } from "../../core/store/store.ts";
import type { Item } from "../dataset/items.ts";
import { atOnce, withFile } from "../load/image-file.ts";
import { mapLimited } from "../load/limiter.ts";
import { type CopyGroups, findCopies } from "./copies.ts";
import { type Entry, openJournal } from "./journal.ts";

export interface CompareOptions extends WorkOptions {
  /** Folder that stores the findings for each file, so that stopped work resumes and a second time is quick; a store has no use here. */
  cache?: string | Store | undefined;
}

/** What was found about each item, in order, and groups of items by their positions. */
export interface ComparedPictures extends CopyGroups {
  readonly found: readonly Entry["found"][];
}

/** Inspects and compares the files of `items`, which lie in the folder `root`. Throws the reason of `signal` if that is aborted. */
export async function comparePictures(items: readonly Item[], root: string, options: CompareOptions = {}): Promise<ComparedPictures> {
  const { onProgress, signal } = options;
  const found = await inspectAll(items, root, options);
  const readable = items.flatMap(({ name }, position) => {
    const inspection = found[position]!;
    if ("error" in inspection) return [];
    return [{ position, name, hash: inspection.hash, thumbnail: fromBase64(inspection.thumbnail) }];
  });
  const { copies, alike } = await findCopies(readable, {
    signal,
    onProgress: (done, total) => onProgress?.({ task: "Comparing images", done, total, unit: "images" }),
  });
  const positions = (groups: CopyGroups["copies"]) => groups.map((group) => group.map((at) => readable[at]!.position));
  return { found, copies: positions(copies), alike: positions(alike) };
}

/** Inspects the items in the worker threads, in order; what the cache knows of unchanged files is not looked at again. */
async function inspectAll(
  items: readonly Item[],
  root: string,
  { cache, onProgress, onWarning, signal }: CompareOptions,
): Promise<Entry["found"][]> {
  const journal =
    typeof cache !== "string" || items.every(({ read, stat }) => read && !stat)
      ? undefined
      : await openJournal(cache, `check-${hashJson(root).slice(0, 16)}.jsonl`).catch((error: unknown) => {
          // Photographs on a disk that cannot be written can be checked all the same.
          onWarning?.({ message: `What is found will not be remembered: ${error instanceof Error ? error.message : error}` });
          return undefined;
        });
  let done = 0;
  const look = async (item: Item): Promise<Entry["found"]> => {
    const { file, name, read, stat } = item;
    const facts = await (read ? stat?.() : files.stat(file));
    const old = journal?.known.get(name);
    const usable = facts !== undefined && old?.length === facts.bytes && old.changed === facts.modified;
    const found = usable ? old.found : await withFile(item, pool.inspect);
    if (!usable && facts && !("passing" in found)) await journal?.add({ name, length: facts.bytes, changed: facts.modified, found });
    onProgress?.({ task: "Checking images", done: ++done, total: items.length, unit: "images" });
    return found;
  };
  try {
    // It ends when nothing runs any more that would write into the journal.
    return await mapLimited(items, atOnce(items, pool.workers()), look, signal);
  } finally {
    await journal?.close();
  }
}
