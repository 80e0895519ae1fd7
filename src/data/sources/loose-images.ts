// Images that belong to no data set: what a learner is asked to predict.

import { decoder } from "#decode";
import { expected, UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Item } from "../dataset/items.ts";
import type { FileTree } from "../files/file-tree.ts";
import { treeOf } from "../files/tree-of.ts";
import { scanItems } from "../load/scan.ts";
import { arrayItems, type ImageArray } from "./arrays.ts";
import { FolderReader } from "./folder-reader.ts";

/** All images in a folder and below it; one image, a path or the bytes of a file; or images in memory. */
export type LooseImages = { readonly folder: string | FileTree } | { readonly image: string | Uint8Array } | { readonly array: ImageArray };

/**
 * The images as items without labels, in the order of their names: paths relative to the folder, the path itself, "image" for bytes, and
 * "array/0" and so on; arrays get `channels` channels. Files of a folder that cannot be read are warned about and left out. Throws a UsageError if nothing is left, and
 * ImageError for a single image that cannot be read.
 */
export async function looseItems(images: LooseImages, channels: number, work: WorkOptions): Promise<readonly Item[]> {
  if ("folder" in images) return folderItems(images.folder, work);
  if ("array" in images) return arrayItems("array", images.array, channels);
  const { image } = images;
  const [name, bytes] = typeof image === "string" ? [image, await decoder.read(image)] : ["image", image];
  if (!(bytes instanceof Uint8Array)) throw expected("a path or the bytes of an image file", "the image", bytes);
  return [{ file: name, name, label: -1, image: await decoder.decode(bytes) }];
}

async function folderItems(folder: string | FileTree, work: WorkOptions): Promise<readonly Item[]> {
  const reader = new FolderReader(treeOf(folder));
  const items = await reader.images("", -1);
  reader.report(work.onWarning);
  const found = await scanItems(items, work);
  const [readable, broken] = [false, true].map((failed) => items.filter((_, i) => "error" in found[i]! === failed)) as [Item[], Item[]];
  if (broken[0])
    work.onWarning?.({
      message: `${broken.length === 1 ? "1 image" : `${broken.length} images`} cannot be read and left out, the first ${broken[0].name}`,
      hint: "Replace or delete them.",
    });
  if (readable.length === 0) throw new UsageError(`There is no image in ${reader.tree.path} that can be read`, "Check the path.");
  return readable;
}
