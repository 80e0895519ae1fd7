// Looks through a data set before anything is trained on it: what cannot be read, what is there twice, what is in the wrong place. It reads
// only; no file of the data set is ever changed or deleted.

import type { Warning } from "../../core/progress.ts";
import type { Part } from "../dataset/dataset.ts";
import type { Item } from "../dataset/items.ts";
import { formatOfName } from "../decode/file-names.ts";
import type { FileTree } from "../files/file-tree.ts";
import type { Inspection } from "../load/inspect.ts";
import { type FolderOptions, type Folders, readFolders } from "../sources/folders.ts";
import { type CompareOptions, comparePictures } from "./compare-pictures.ts";
import { type CheckedImage, type CheckReport, type Copies, isSound, LONG, TINY } from "./report.ts";

export interface CheckOptions extends CompareOptions, FolderOptions {}

/**
 * Checks a data set in any layout that ImageClassifierData.fromPaths reads. Throws a UsageError for a layout that cannot be used, and the
 * reason of `signal` if that is aborted; findings until then are stored in `cache`.
 */
export async function checkFolder(path: string | FileTree, options: CheckOptions = {}): Promise<CheckReport> {
  const { cache, onProgress, onWarning, signal } = options;
  const warnings: Warning[] = [];
  const folders = await readFolders(path, { findTest: true, ...options, onWarning: (warning) => warnings.push(warning) });
  const listed = listImages(folders);
  const {
    found,
    copies: same,
    alike,
  } = await comparePictures(
    listed.map(({ item }) => item),
    folders.path,
    { cache, onProgress, onWarning, signal },
  );
  const readable = listed.flatMap(({ image }, i) => {
    const inspection = found[i]!;
    return "error" in inspection ? [] : [{ ...inspection, image }];
  });
  const { drawn } = folders;
  const broken = listed.flatMap(({ image }, i) => {
    const inspection = found[i]!;
    return "error" in inspection ? [{ ...image, reason: inspection.error }] : [];
  });
  const copies = same.map((group) =>
    copiesOf(
      group.map((position) => ({ hash: (found[position] as Inspection).hash, image: listed[position]!.image })),
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
    alike: alike.map((group) => group.map((position) => listed[position]!.image)),
    odd: readable.flatMap(({ image, width, height }) => {
      const odd = Math.min(width, height) < TINY ? "tiny" : Math.max(width, height) > LONG * Math.min(width, height) ? "long" : undefined;
      return odd ? [{ ...image, width, height, odd } as const] : [];
    }),
    sides: quartiles(readable.map(({ width, height }) => Math.min(width, height))),
    passedBy: warnings.map(({ message, hint }) => (hint === undefined ? message : `${message}. ${hint}`)),
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

function quartiles(values: readonly number[]): [number, number, number] | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return sorted.length === 0 ? undefined : [at(0.25), at(0.5), at(0.75)];
}
