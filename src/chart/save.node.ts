// Saves charts to files, in Node.

import { expected } from "../core/errors.ts";
import { writeFile } from "../core/files.node.ts";
import { drawingToPng } from "../data/decode/encode.node.ts";

/** Writes `svg` to `file` as it is, or as a PNG of `scale` pixels for each of its own, by the end of the file's name. */
export async function saveChart(file: string, svg: string, scale: number): Promise<void> {
  if (/\.svg$/i.test(file)) return writeFile(file, svg);
  if (/\.png$/i.test(file)) return writeFile(file, await drawingToPng(svg, scale));
  throw expected("a name that ends in .svg or .png", "the chart's file", file);
}
