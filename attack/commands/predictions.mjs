// Predicts again and again: node --expose-gc predictions.mjs <count> <model>. Prints two resident sizes, see smallest-sizes.mjs.

import { loadClassifier } from "../../dist/classifier/index.js";
import { printSizes } from "./smallest-sizes.mjs";

const [count, model] = process.argv.slice(2);
const classifier = await loadClassifier(model, { threads: 1 });
const [width, height] = [32, 32];
const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) % 251);
await printSizes(Number(count), async (i) => {
  data[i % data.length] = i % 256;
  await classifier.predict({ data, width, height });
});
await classifier.dispose();
