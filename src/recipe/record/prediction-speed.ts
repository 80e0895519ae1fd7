// How fast a saved model predicts on this machine.

import { loadModel } from "../../classifier/index.ts";
import type { SessionOptions } from "../../runtime/engine.ts";

/** Photographs of a batch, batches that are timed, and the seconds after which no further one begins. */
const [BATCH, BATCHES, ENOUGH] = [32, 3, 2];

/** Photographs a second, from file to answer, by the model in `folder` after a first batch that warms it up: a few batches of at most 32 of `files`. */
export async function predictionSpeed(folder: string, files: readonly string[], options: SessionOptions): Promise<number> {
  const model = await loadModel(folder, options);
  const batches = Array.from({ length: BATCHES + 1 }, (_, i) => files.slice(i * BATCH, (i + 1) * BATCH));
  // Of few photographs the same are predicted again.
  const predict = async (batch: readonly string[]): Promise<number> => {
    let images = 0;
    for await (const _ of model.predictFiles(batch.length > 0 ? batch : files.slice(0, BATCH))) images++;
    return images;
  };
  try {
    await predict(batches[0] ?? []);
    const start = performance.now();
    const seconds = (): number => (performance.now() - start) / 1000;
    let images = 0;
    for (const batch of batches.slice(1)) if (seconds() < ENOUGH) images += await predict(batch);
    return images / seconds();
  } finally {
    await model.dispose();
  }
}
