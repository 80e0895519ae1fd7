// A picture of a page (a canvas, a video's frame) as a file, so that it is a photograph like others. Browsers alone have these.

import { UsageError } from "../../core/errors.ts";

// As in picked.ts, the parts of the DOM that are needed here.
interface Context {
  drawImage(image: unknown, x: number, y: number): void;
  putImageData(image: unknown, x: number, y: number): void;
}
interface Platform {
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => { getContext(kind: "2d"): Context | null; convertToBlob(options: { readonly type: string }): Promise<Blob> };
}

/** A canvas, an image, an ImageBitmap or ImageData, a video (its current frame) or a VideoFrame of the DOM. */
export type Frame = { readonly width: number; readonly height: number } | { readonly displayWidth: number; readonly displayHeight: number };

/** The picture that `frame` shows now, as a PNG of the same pixels; the frame may be closed or change afterwards. */
export async function photoFromFrame(frame: Frame): Promise<Blob> {
  const { width, height } = sizeOf(frame);
  if (!(width > 0 && height > 0))
    throw new UsageError(`The frame has ${width} × ${height} pixels`, "Wait until the video plays (the event loadeddata).");
  const { OffscreenCanvas } = globalThis as unknown as Platform;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gave no 2d canvas for a frame");
  if ("data" in frame) context.putImageData(frame, 0, 0);
  else context.drawImage(frame, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** The size of the picture itself: a page may show a video or an image at another one. */
function sizeOf(frame: Frame): { readonly width: number; readonly height: number } {
  const sizes = frame as Readonly<Record<string, unknown>>;
  const [width, height] = [
    ["videoWidth", "videoHeight"],
    ["naturalWidth", "naturalHeight"],
    ["displayWidth", "displayHeight"],
    ["width", "height"],
  ].flatMap((names) => (typeof sizes[names[0]!] === "number" ? [names.map((name) => sizes[name] as number)] : []))[0] as [number, number];
  return { width, height };
}
