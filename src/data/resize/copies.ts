// Copies of images as files: the contract of "#copies".

import type { Item, ScannedItem } from "../dataset/items.ts";

/** What became of an image: its copy, or why there is none. */
export type ResizedItem = { readonly item: ScannedItem; readonly made: boolean } | { readonly name: string; readonly error: string };

export interface ImageCopier {
  /** The folder of copies of `size` pixels: in `newPath`, by default in .thaw beside the data set at `path`. */
  folderFor(path: string, size: number, newPath: string | undefined): string;
  /** Throws a UsageError if copies in `out` would mix with the originals in `root`. */
  refuseInside(root: string, out: string): Promise<void>;
  /**
   * Writes a copy of an image into `out`, under the same name, with a smaller side of `size` pixels; a smaller image is copied as it is. A copy
   * that is whole and as old as its original is left as it is. Throws a UsageError if it cannot be written.
   */
  copy(item: Item, size: number, out: string): Promise<ResizedItem>;
}
