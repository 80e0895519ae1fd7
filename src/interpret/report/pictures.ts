// The pictures of a report: thumbnails of the network's input with their heat maps, embedded in the page.

import { encodeThumbnail } from "#encode";
import { toBase64 } from "../../core/base64.ts";
import { ImageError } from "../../data/decode/image.ts";
import type { HeatMaps } from "../heat-maps.ts";

/** Data URLs of a photograph and its heat map. */
export interface ReportPicture {
  readonly photo: string;
  readonly heat: string;
}

/** Side of a picture in pixels. */
const SIDE = 150;

/** Returns the picture of the photograph that `find` finds (a path, or its bytes), made once; undefined if it can no longer be read. */
export function pictureMaker(
  find: (file: string) => string | Promise<Uint8Array>,
  maps: HeatMaps,
): (file: string) => Promise<ReportPicture | undefined> {
  const made = new Map<string, Promise<ReportPicture | undefined>>();
  const make = async (file: string): Promise<ReportPicture | undefined> => {
    try {
      const map = await maps.of(await find(file));
      return { photo: await address(encodeThumbnail(map.photo, SIDE)), heat: await address(encodeThumbnail(map.overlay(), SIDE)) };
    } catch (error) {
      if (error instanceof ImageError) return undefined;
      throw error;
    }
  };
  return (file) => {
    const known = made.get(file) ?? make(file);
    made.set(file, known);
    return known;
  };
}

async function address(bytes: Promise<Uint8Array>): Promise<string> {
  return `data:image/jpeg;base64,${toBase64(await bytes)}`;
}
