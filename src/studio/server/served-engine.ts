// The engine of a server: that of the page, but with pictures and downloads as bytes, for which the server has the addresses.

import type { StudioEngine } from "../protocol/engine.ts";
import type { PhotoId, PictureSize } from "../protocol/photographs.ts";
import type { RunId } from "../protocol/training.ts";

/** A picture as a browser shows it. */
export interface ShownPicture {
  readonly bytes: Uint8Array;
  readonly type: "image/jpeg" | "image/png";
}

/** Something that was made to be downloaded. */
export interface MadeDownload {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly type: string;
}

export interface ServedEngine extends Omit<StudioEngine, "picture" | "heatMap" | "open"> {
  /** Throws a UsageError if there is no such photograph, or if it cannot be read. */
  pictureBytes(id: PhotoId, size: PictureSize, signal: AbortSignal): Promise<ShownPicture>;
  heatBytes(run: RunId, id: PhotoId, className?: string): Promise<ShownPicture>;
  /** What the address of a download leads to; undefined if it is not kept any more. */
  download(token: string): MadeDownload | undefined;
}
