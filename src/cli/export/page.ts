// Puts an exported page in the place of an older one.

import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFile } from "../../core/files.node.ts";
import { diskStore } from "../../core/store/disk.node.ts";
import { listedFiles, PAGE_LIST } from "../../studio/runs/model-page.ts";

/**
 * Writes `files`, by their paths below the folder `place`, and deletes what only an older page there had. The list comes last: until
 * everything else is done, the old one tells the next export what to delete.
 */
export async function replacePage(place: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  const [store, list] = [diskStore(place), join(place, PAGE_LIST)];
  const older = listedFiles(await store.get(PAGE_LIST));
  for (const [path, content] of files) if (path !== list) await writeFile(path, content);
  const spare = older.filter((key) => key !== PAGE_LIST && !files.has(join(place, key)));
  for (const key of spare) if (await isOwn(place, key)) await store.delete(key);
  const content = files.get(list);
  if (content !== undefined) await writeFile(list, content);
}

/** Whether no linked folder is on the way from `place` to `key`: what it leads to belongs to others. */
async function isOwn(place: string, key: string): Promise<boolean> {
  const [root, folder] = await Promise.all([place, dirname(join(place, key))].map((path) => realpath(path).catch(() => undefined)));
  return root !== undefined && folder === join(root, dirname(key));
}
