// How fast a saved model predicts on this machine.

import type { ModelSource, PictureFile } from "../../classifier/index.ts";
import { loadModel } from "../../classifier/index.ts";
import type { SessionOptions } from "../../runtime/engine.ts";

/** Photographs in a batch, batches to time, and seconds after which no further batch begins. */
const [BATCH, BATCHES, ENOUGH] = [16, 4, 0.5];

/**
 * Photographs per second, from file to answer, of the model in `source`, on a few batches of at most 16 of `files` after a first one to
 * warm up.
 */
export async function predictionSpeed(source: ModelSource, files: readonly PictureFile[], options: SessionOptions): Promise<number> {
  const model = await loadModel(source, options);
  const batches = Array.from({ length: BATCHES + 1 }, (_, i) => files.slice(i * BATCH, (i + 1) * BATCH));
  // If there are few photographs, the same ones are predicted again.
  const predict = async (batch: readonly PictureFile[]): Promise<number> => {
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
