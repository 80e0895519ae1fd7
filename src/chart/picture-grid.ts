// Pictures side by side, each with its caption.

import { type Chart, chartOf, escapeAttribute, FONT } from "./chart.ts";
import { palettes } from "./palette.ts";

export interface CaptionedPicture {
  /** A data URL. */
  readonly address: string;
  /** Its lines. */
  readonly caption: readonly string[];
}

export interface PictureGridOptions {
  readonly title: string;
  readonly pictures: readonly CaptionedPicture[];
  /** Default 4. */
  readonly columns?: number;
}

/** Pixels: the side of a picture, the gap between pictures, a line of a caption, the title. */
const [SIDE, GAP, LINE, TITLE] = [160, 12, 16, 44];
/** Characters of a line of a caption. */
const LONGEST = 24;

/** The pictures in rows below the title, each 160 pixels wide. */
export function pictureGrid({ title, pictures, columns = 4 }: PictureGridOptions): Chart {
  const lines = Math.max(0, ...pictures.map(({ caption }) => caption.length));
  const [across, down] = [Math.max(1, Math.min(columns, pictures.length)), Math.ceil(pictures.length / columns)];
  const [cellWidth, cellHeight] = [SIDE + GAP, SIDE + GAP + lines * LINE];
  const size = { width: across * cellWidth + GAP, height: TITLE + down * cellHeight + GAP };
  return chartOf(title, size, (theme = "light") => {
    const { ground, text } = palettes[theme];
    const label = (x: number, y: number, fontSize: number, words: string, more = ""): string =>
      `<text x="${x}" y="${y}" font-size="${fontSize}" fill="${text}" text-anchor="middle"${more}>${escapeAttribute(words)}</text>`;
    const cells = pictures.map(({ address, caption }, i) => {
      const [x, y] = [GAP + (i % columns) * cellWidth, TITLE + Math.floor(i / columns) * cellHeight];
      const image = `<image href="${address}" x="${x}" y="${y}" width="${SIDE}" height="${SIDE}"/>`;
      return image + caption.map((line, at) => label(x + SIDE / 2, y + SIDE + (at + 1) * LINE - 2, 12, shortened(line))).join("");
    });
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeAttribute(title)}" width="${size.width}" height="${size.height}" ` +
      `viewBox="0 0 ${size.width} ${size.height}" font-family="${FONT}"><rect width="100%" height="100%" fill="${ground}"/>` +
      `${label(size.width / 2, 28, 16, title, ' font-weight="600"')}${cells.join("")}</svg>`
    );
  });
}

function shortened(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
