// Saves charts in a browser: as SVG, into the origin's own storage or any store.

import { expected } from "../core/errors.ts";
import { storedFileOf } from "../core/store/store-of.ts";
import type { SaveChart } from "./draw.ts";

export const saveChart: SaveChart = async (file, svg) => {
  const { store, key } = storedFileOf(file);
  if (!/\.svg$/i.test(key)) throw expected("a name that ends in .svg", "the chart's file in a browser", key);
  await store.put(key, svg);
};
