// The markers of a JPEG up to its first scan (ISO 10918-1, annex B): size, components, colours, and the EXIF orientation.

export interface JpegHeader {
  /** As stored, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for colours, 4 for CMYK. */
  readonly components: readonly JpegComponent[];
  /** EXIF 2.32, tag 274: 1 (upright) to 8. */
  readonly orientation: number;
  /** The marker of the frame: 0xc0 baseline, 0xc1 extended, 0xc2 progressive. */
  readonly frame: number;
  /** Where the marker of the frame begins. */
  readonly frameAt: number;
  /** Where the first marker of a scan begins. */
  readonly scanAt: number;
  /** True if a JFIF segment was there. */
  readonly jfif: boolean;
  /** Positions of the colour transform in Adobe's segments, of which the last counts. */
  readonly adobe: readonly number[];
  /** Units between two restart markers; 0 if there are none. */
  readonly interval: number;
  /** True if zero bits fill the blocks of the first component with a pattern of all coefficients, as they do with the usual tables. */
  readonly zeroIsPattern: boolean;
  /** True if zero bits change brightness or colours from block to block. */
  readonly zeroDrifts: boolean;
}

export interface JpegComponent {
  readonly id: number;
  /** Sampling factors, 1 to 4. */
  readonly across: number;
  readonly down: number;
}

/** The class of tables of coefficients, in the high bits of their number. */
const AC = 0x10;

/** Reads the header; undefined if there is none. Throws RangeError if the file ends in the header. */
export function jpegHeader(bytes: Uint8Array, view: DataView): JpegHeader | undefined {
  let frame: Pick<JpegHeader, "width" | "height" | "components" | "frame" | "frameAt"> | undefined;
  let orientation = 1;
  let jfif = false;
  let interval = 0;
  // By the class and number of a table, its first symbol, whose code is all zeros.
  const symbols = new Map<number, number>();
  const adobe: number[] = [];
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    // 0xff may be repeated before a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xd9) return undefined;
    const length = standsAlone(marker) ? 0 : view.getUint16(at + 2);
    const starts = (text: string) => String.fromCharCode(...bytes.subarray(at + 4, at + 4 + text.length)) === text;
    if (marker === 0xda) {
      const first = symbols.get(AC | (view.getUint8(at + 6) & 15)) ?? 0;
      const zeroDrifts = [...symbols].some(([table, symbol]) => table < AC && symbol > 0);
      return frame && { ...frame, orientation, jfif, adobe, interval, zeroIsPattern: first > 0 && first < 16, zeroDrifts, scanAt: at };
    }
    for (let table = at + 4; marker === 0xc4 && table + 17 < at + 2 + length; ) {
      symbols.set(view.getUint8(table), view.getUint8(table + 17));
      const counts = table + 1;
      table += 17;
      for (let size = 0; size < 16; size++) table += view.getUint8(counts + size);
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      frame = {
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        components: Array.from({ length: view.getUint8(at + 9) }, (_, i) => {
          const factors = view.getUint8(at + 11 + 3 * i);
          return { id: view.getUint8(at + 10 + 3 * i), across: factors >> 4, down: factors & 15 };
        }),
        frame: marker,
        frameAt: at,
      };
    if (marker === 0xdd) interval = view.getUint16(at + 4);
    if (marker === 0xe0 && length >= 16 && starts("JFIF\0")) jfif = true;
    if (marker === 0xee && length >= 14 && starts("Adobe")) adobe.push(at + 15);
    if (marker === 0xe1) orientation = exifOrientation(bytes.subarray(at + 4, at + 2 + length)) ?? orientation;
    at += 2 + length;
  }
}

/** The largest sampling factors, across and down. */
export function samplingOf(components: readonly JpegComponent[]): [number, number] {
  return [Math.max(...components.map(({ across }) => across)), Math.max(...components.map(({ down }) => down))];
}

/** True for a marker without a segment behind it. */
export function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
}

// A TIFF inside the segment: byte order, then the first directory of 12-byte entries.
function exifOrientation(segment: Uint8Array): number | undefined {
  if (String.fromCharCode(...segment.subarray(0, 6)) !== "Exif\0\0") return undefined;
  const view = new DataView(segment.buffer, segment.byteOffset + 6, segment.byteLength - 6);
  const inside = (at: number, count: number) => at + count <= view.byteLength;
  if (!inside(0, 8)) return undefined;
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (!inside(directory, 2)) return undefined;
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + entry * 12;
    if (!inside(at, 12)) return undefined;
    if (view.getUint16(at, little) !== 274) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}
