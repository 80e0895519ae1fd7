// A contact sheet of transforms as a PNG: one row for each, several draws side by side.

import sharp from "sharp";
import { type RandomStream, randomStream } from "../../core/random.ts";
import { applyTransform } from "../../data/augment/apply.ts";
import { drawAugmentation } from "../../data/augment/draw.ts";
import { type TransformOptions, tfmsFromStats } from "../../data/augment/transforms.ts";
import type { RgbImage } from "../../data/decode/image.ts";
import { type SheetRow, sheetGroups } from "./sheet-rows.ts";

export interface SheetOptions {
  /** Width and height of each picture in pixels. */
  readonly size: number;
  readonly seed: number;
  readonly columns: number;
}

export interface Sheet {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Names of the rows, from the top. */
  readonly names: readonly string[];
}

const MARGIN = 16;
const GAP = 6;
const LABEL = 232;
const TITLE = 40;

/** Draws each transform `columns` times on `photo`; the same seed draws the same sheet. */
export async function contactSheet(photo: RgbImage, { size, seed, columns }: SheetOptions): Promise<Sheet> {
  const groups = sheetGroups(size);
  const rows = groups.flatMap((group) => group.rows);
  const width = 2 * MARGIN + LABEL + columns * (size + GAP) - GAP;
  const height = 2 * MARGIN + groups.length * TITLE + rows.length * (size + GAP) - GAP;
  const canvas = new Uint8Array(width * height * 3).fill(255);
  const labels: string[] = [];
  let top = MARGIN;
  for (const { title, rows: own } of groups) {
    labels.push(text(MARGIN, top + TITLE - 14, 17, "#111", title, "bold"));
    top += TITLE;
    for (const row of own) {
      labels.push(text(MARGIN, top + size / 2 - 3, 13, "#111", row.name), text(MARGIN, top + size / 2 + 15, 12, "#666", row.note));
      for (const [column, options] of optionsOf(row, columns).entries()) {
        const tile = tileOf(photo, options, size, randomStream(seed, "sheet", row.name, column));
        const left = MARGIN + LABEL + column * (size + GAP);
        for (let y = 0; y < size; y++) canvas.set(tile.subarray(y * size * 3, (y + 1) * size * 3), ((top + y) * width + left) * 3);
      }
      top += size + GAP;
    }
  }
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif">${labels.join("")}</svg>`;
  const png = await sharp(canvas, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(svg) }])
    .png()
    .toBuffer();
  return { png, width, height, names: rows.map(({ name }) => name) };
}

function optionsOf({ options }: SheetRow, columns: number): readonly TransformOptions[] {
  return "length" in options ? options.slice(0, columns) : new Array<TransformOptions>(columns).fill(options);
}

function tileOf(photo: RgbImage, options: TransformOptions, size: number, random: RandomStream): Uint8Array {
  const { train } = tfmsFromStats(null, size, options);
  return applyTransform(photo, train, drawAugmentation(train, photo.width, photo.height, random));
}

function text(x: number, y: number, size: number, colour: string, words: string, weight = "normal"): string {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${colour}">${escaped}</text>`;
}
