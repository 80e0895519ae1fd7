// Saves charts to files, in Node.

import { expected } from "../core/errors.ts";
import { writeFile } from "../core/files.node.ts";
import { drawingToPng } from "../data/decode/encode.node.ts";

/** Writes `svg` to `file` as SVG or, at `scale` pixels per pixel, as PNG, by the file's extension. */
export async function saveChart(file: string, svg: string, scale: number): Promise<void> {
  if (/\.svg$/i.test(file)) return writeFile(file, svg);
  if (/\.png$/i.test(file)) return writeFile(file, await drawingToPng(svg, scale));
  throw expected("a name that ends in .svg or .png", "the chart's file", file);
}
