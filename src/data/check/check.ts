// Looks through a data set before anything is trained on it: what cannot be read, what is there twice, what is in the wrong place. It reads
// only; no file of the data set is ever changed or deleted.

import { files } from "#files";
import { pool } from "#load";
import { fromBase64 } from "../../core/base64.ts";
import { hashJson } from "../../core/hash.ts";
import type { Warning, WorkOptions } from "../../core/progress.ts";
import type { Part } from "../dataset/dataset.ts";
import type { Item } from "../dataset/items.ts";
import { formatOfName } from "../decode/file-names.ts";
import { withFile } from "../load/image-file.ts";
import { mapLimited } from "../load/limiter.ts";
import { type FolderOptions, type Folders, readFolders } from "../sources/folders.ts";
import { findCopies } from "./copies.ts";
import { type Entry, openJournal } from "./journal.ts";
import { type CheckedImage, type CheckReport, type Copies, isSound, LONG, TINY } from "./report.ts";

export interface CheckOptions extends WorkOptions, FolderOptions {
  /** Folder that stores the findings for each file, so that a stopped check resumes and a second one is quick. */
  cache?: string | undefined;
}

/**
 * Checks a data set in any layout that ImageClassifierData.fromPaths reads. Throws a UsageError for a layout that cannot be used, and the
 * reason of `signal` if that is aborted; findings until then are stored in `cache`.
 */
export async function checkFolder(path: string, options: CheckOptions = {}): Promise<CheckReport> {
  const { validName = "valid", cache, onProgress, onWarning, signal } = options;
  const warnings: Warning[] = [];
  const folders = await readFolders(path, { ...options, onWarning: (warning) => warnings.push(warning) });
  const listed = listImages(folders);
  const found = await inspectAll(
    listed.map(({ item }) => item),
    folders.path,
    { cache, onProgress, onWarning, signal },
  );
  const readable = listed.flatMap(({ image }, i) => {
    const inspection = found[i]!;
    return "error" in inspection ? [] : [{ ...inspection, image }];
  });
  const groups = await findCopies(
    readable.map(({ image, hash, thumbnail }) => ({
      name: image.name,
      hash,
      thumbnail: fromBase64(thumbnail),
    })),
    { signal, onProgress: (done, total) => onProgress?.({ task: "Comparing images", done, total, unit: "images" }) },
  );
  const drawn = !folders.valid.every(({ name }) => name.startsWith(`${validName}/`));
  const broken = listed.flatMap(({ image }, i) => {
    const inspection = found[i]!;
    return "error" in inspection ? [{ ...image, reason: inspection.error }] : [];
  });
  const copies = groups.copies.map((group) =>
    copiesOf(
      group.map((position) => readable[position]!),
      drawn,
    ),
  );
  const classes = folders.classes.map((name, label) => ({
    class: name,
    ...(Object.fromEntries(
      (["train", "valid", "test"] as const).map((part) => [part, folders[part].filter((item) => item.label === label).length]),
    ) as Record<Part, number>),
  }));
  const trained = classes.map(({ train }) => train);
  return {
    path: folders.path,
    drawn,
    images: listed.length,
    classes,
    imbalance: trained.reduce((a, b) => Math.max(a, b)) / trained.reduce((a, b) => Math.min(a, b)),
    broken,
    misnamed: readable.flatMap(({ image, format }) => {
      const named = formatOfName(image.name);
      return named === undefined || named === format ? [] : [{ ...image, format }];
    }),
    copies,
    alike: groups.alike.map((group) => group.map((position) => readable[position]!.image)),
    odd: readable.flatMap(({ image, width, height }) => {
      const odd = Math.min(width, height) < TINY ? "tiny" : Math.max(width, height) > LONG * Math.min(width, height) ? "long" : undefined;
      return odd ? [{ ...image, width, height, odd } as const] : [];
    }),
    sides: quartiles(readable.map(({ width, height }) => Math.min(width, height))),
    passedBy: warnings.map(({ message }) => message),
    sound: isSound({ broken, copies, drawn }),
  };
}

/** All images of all parts; those of a drawn split sorted as one. */
function listImages({ classes, ...folders }: Folders): { item: Item; image: CheckedImage }[] {
  return (["train", "valid", "test"] as const).flatMap((part) =>
    folders[part].map((item) => ({ item, image: { name: item.name, part, class: classes[item.label] } })),
  );
}

function copiesOf(members: readonly { readonly hash: string; readonly image: CheckedImage }[], drawn: boolean): Copies {
  const images = members.map(({ image }) => image);
  // A drawn split may put any of its images on either side, which is told once, for all of them.
  const sides = new Set(images.map(({ part }) => (drawn && part === "valid" ? "train" : part)));
  const classes = new Set(images.flatMap((image) => image.class ?? []));
  return {
    exact: members.every(({ hash }) => hash === members[0]!.hash),
    images,
    leak: sides.size > 1,
    conflict: classes.size > 1,
  };
}

/** Inspects the items in the worker threads, in order; what the cache knows of unchanged files is not looked at again. */
async function inspectAll(
  items: readonly Item[],
  root: string,
  { cache, onProgress, onWarning, signal }: Pick<CheckOptions, "cache" | "onProgress" | "onWarning" | "signal">,
): Promise<Entry["found"][]> {
  const journal =
    cache === undefined
      ? undefined
      : await openJournal(cache, `check-${hashJson(root).slice(0, 16)}.jsonl`).catch((error: unknown) => {
          // Photographs on a disk that cannot be written can be checked all the same.
          onWarning?.({ message: `What is found will not be remembered: ${error instanceof Error ? error.message : error}` });
          return undefined;
        });
  let done = 0;
  const look = async (item: Item): Promise<Entry["found"]> => {
    const { file, name, read } = item;
    const facts = read ? undefined : await files.stat(file);
    const old = journal?.known.get(name);
    const usable = facts !== undefined && old?.length === facts.bytes && old.changed === facts.modified;
    const found = usable ? old.found : await withFile(item, pool.inspect);
    if (!usable && facts) await journal?.add({ name, length: facts.bytes, changed: facts.modified, found });
    onProgress?.({ task: "Checking images", done: ++done, total: items.length, unit: "images" });
    return found;
  };
  try {
    // It ends when nothing runs any more that would write into the journal.
    return await mapLimited(items, 2 * pool.workers(), look, signal);
  } finally {
    await journal?.close();
  }
}

function quartiles(values: readonly number[]): [number, number, number] | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return sorted.length === 0 ? undefined : [at(0.25), at(0.5), at(0.75)];
}
