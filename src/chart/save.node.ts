// Saves charts to files, in Node.

import { expected } from "../core/errors.ts";
import { storedFileOf } from "../core/store/store-of.ts";
import { drawingToPng } from "../data/decode/encode.node.ts";
import type { SaveChart } from "./draw.ts";

export const saveChart: SaveChart = async (file, svg, scale) => {
  const { store, key } = storedFileOf(file);
  if (/\.svg$/i.test(key)) return store.put(key, svg);
  if (/\.png$/i.test(key)) return store.put(key, await drawingToPng(svg, scale));
  throw expected("a name that ends in .svg or .png", "the chart's file", typeof file === "string" ? file : key);
};
