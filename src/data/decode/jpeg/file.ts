// A JPEG before and after it is decoded: its size and colours, and whether all of its picture is there.

import { longestHole } from "../holes.ts";
import { ImageError, type RgbImage } from "../image.ts";
import type { DecodeCost, Shrink } from "../limits.ts";
import { truncated } from "../truncated.ts";
import { coloursOf, withPlainHeader } from "./colours.ts";
import { type JpegHeader, jpegHeader, samplingOf } from "./header.ts";
import { missingFromJpeg } from "./missing.ts";
import { endRepeats } from "./repeats.ts";
import { type JpegBody, jpegBody } from "./scans.ts";

export interface JpegFile {
  readonly header: JpegHeader;
  readonly body: JpegBody;
  /** As every decoder reads it in the same way. */
  readonly plain: Uint8Array;
}

/** Reads the header; undefined if there is none. Throws RangeError if the file ends in the header, ImageError if it has no known colours. */
export function readJpegHeader(bytes: Uint8Array, view: DataView): JpegHeader | undefined {
  const header = jpegHeader(bytes, view);
  if (header) coloursOf(header, bytes);
  return header;
}

/** Memory for each pixel, in bytes. */
export function jpegCost({ components, orientation, frame }: JpegHeader): Pick<DecodeCost, "bytesPerPixel" | "heldPerPixel"> {
  const [across, down] = samplingOf(components);
  // All coefficients of a progressive JPEG are held, at two bytes; one that is turned is copied.
  const samples = components.reduce((sum, component) => sum + (component.across * component.down) / (across * down), 0);
  const held = frame === 0xc2 ? 2 * samples : 0;
  const bytesPerPixel = 6 + (orientation > 1 ? 3 : 0) + held;
  // Colours of a CMYK JPEG are only right at its own size.
  return components.length > 3 ? { bytesPerPixel } : { bytesPerPixel, heldPerPixel: held };
}

/** Width and height of the upright image, `shrink` times smaller than it is stored. */
export function shrunkSize(
  { width, height, orientation }: JpegHeader,
  shrink: Shrink,
): { readonly width: number; readonly height: number } {
  const [across, down] = [Math.ceil(width / shrink), Math.ceil(height / shrink)];
  return orientation > 4 ? { width: down, height: across } : { width: across, height: down };
}

/** Bytes of coded data that are quicker gone through than guessed about. */
const SHORT = 4096;

/**
 * Goes through the markers. Throws ImageError if a part of the picture is missing and that can be told from them: the file ends early, restart
 * markers are missing, or zeros lie where data should be. What a JPEG of several scans lacks is always found here.
 */
export function readJpegBody(bytes: Uint8Array, header: JpegHeader): JpegFile {
  const body = jpegBody(bytes, header.scanAt);
  checkScans(header, body);
  const [scan] = body.scans;
  const whole =
    body.ended &&
    header.frame !== 0xc2 &&
    body.scans.length === 1 &&
    bytes[scan!.headerAt + 4] === header.components.length &&
    // Each part between restart markers has an end of its own, in the middle of the picture.
    scan!.parts.length === 1 &&
    header.interval === 0 &&
    scan!.parts[0]!.end - scan!.parts[0]!.start > SHORT &&
    longestHole(bytes, scan!.parts) === 0;
  if (!whole) refuseMissing(bytes, header, body);
  return { header, body, plain: withPlainHeader(bytes, header, body) };
}

/** The most pixels of all scans together; encoders make about ten scans. */
const SCANNED_LIMIT = 1_000_000_000;

/** Throws ImageError for too many scans: a few bytes for each are enough to make a decoder go through the whole picture again. */
function checkScans({ width, height }: JpegHeader, { scans }: JpegBody): void {
  const most = Math.floor(SCANNED_LIMIT / (width * height));
  if (scans.length > most)
    throw new ImageError(`too large: ${scans.length} scans of ${width} × ${height} pixels, where ${most} are the most`);
}

/** Throws ImageError if the decoded `image` lacks its end. Only where it looks so is the file gone through, which takes longer. */
export function checkJpegEnd(bytes: Uint8Array, { header, body }: JpegFile, image: RgbImage): void {
  const smaller = image.width * image.height < header.width * header.height;
  if (smaller || header.components.length > 3 || endRepeats(image, header, unitOf(header))) refuseMissing(bytes, header, body);
}

function refuseMissing(bytes: Uint8Array, header: JpegHeader, body: JpegBody): void {
  let missing: number;
  try {
    missing = missingFromJpeg(bytes, header, body);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ImageError("damaged JPEG");
  }
  if (missing > 0) throw truncated("JPEG", missing);
}

/** Width and height in pixels of what is coded together. */
function unitOf({ components }: JpegHeader): [number, number] {
  const [across, down] = samplingOf(components);
  return components.length === 1 ? [8, 8] : [8 * across, 8 * down];
}
