// Copies in Node: files on the disk, with the time of change of their originals, which shows what need not be made again.

import { realpath, stat, utimes } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { cacheFor } from "../../core/cache-folder.node.ts";
import { UsageError } from "../../core/errors.ts";
import { writeFile } from "../../core/files.node.ts";
import type { ImageFacts, Item, ScannedItem } from "../dataset/items.ts";
import { type Failure, withFile } from "../load/image-file.ts";
import { runInPool } from "../load/pool.node.ts";
import type { ShrinkTask, Shrunk } from "../load/shrink.ts";
import type { ImageCopier, ResizedItem } from "./copies.ts";

export const copier: ImageCopier = {
  folderFor: (path, size, newPath) => join(newPath ?? join(cacheFor(path), "resized"), `${size}`),
  refuseInside,
  copy: (item, size, out) => copyItem(item, size, join(out, ...item.name.split("/"))),
};

async function copyItem(item: Item, size: number, file: string): Promise<ResizedItem> {
  const source = await stat(item.file).catch(() => undefined);
  const old = source && (await wholeCopy(file, source, size));
  if (old) return { item: copyOf(item, file, old), made: false };
  const result = await withFile(item, (bytesOrPath) =>
    runInPool<Shrunk | Failure>("shrink", { file: bytesOrPath, name: item.name, size } satisfies ShrinkTask),
  );
  if ("error" in result) return { name: item.name, error: result.error };
  const { bytes, hash, width, height } = result;
  await writeFile(file, bytes).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message, `${error.hint} Copies go into the folder of --out (newPath).`, { cause: error });
  });
  if (source) await utimes(file, source.atimeMs / 1000, source.mtimeMs / 1000);
  return { item: copyOf(item, file, { hash, width, height }), made: true };
}

/** The item whose image is its copy `file`. */
function copyOf({ read: _, ...item }: Item, file: string, facts: ImageFacts): ScannedItem {
  return { ...item, ...facts, file };
}

/** What is known of the copy `file` if it exists, is as old as its source, can be read, and has the right size. */
async function wholeCopy(file: string, source: { size: number; mtimeMs: number }, size: number): Promise<ImageFacts | undefined> {
  const copy = await stat(file).catch(() => undefined);
  // Some file systems keep times to two seconds.
  if (!copy || Math.abs(copy.mtimeMs - source.mtimeMs) > 2000) return undefined;
  const facts = await runInPool<ImageFacts | Failure>("scan", { file });
  if ("error" in facts) return undefined;
  const side = Math.min(facts.width, facts.height);
  return side === size || (side < size && copy.size === source.size) ? facts : undefined;
}

async function refuseInside(root: string, out: string): Promise<void> {
  const path = relative(await realPlace(root), await realPlace(out));
  const [first = ""] = path.split(sep);
  // A hidden folder is no class, and ".." leads out.
  if (!first.startsWith(".") && !/^[A-Za-z]:/.test(first))
    throw new UsageError(
      `The resized images cannot go into ${resolve(out)}, which is in the folder of the originals`,
      "Choose a folder beside it; in it they would overwrite images, or count as a class.",
    );
}

/** The path with symbolic links followed as far as it exists. */
async function realPlace(path: string): Promise<string> {
  const whole = resolve(path);
  const found = await realpath(whole).catch(() => undefined);
  if (found !== undefined || dirname(whole) === whole) return found ?? whole;
  return join(await realPlace(dirname(whole)), whole.slice(dirname(whole).length));
}
