// A worker thread of a server's model: ONNX Runtime computes on the thread that calls it, and here it holds nobody up. Pictures that are asked
// for while others are computed become the next batch.

import { workerData } from "piscina";
import { loadModel, type Prediction } from "../classifier/classifier.ts";
import type { Values } from "../classifier/regressor.ts";
import { ImageError } from "../data/decode/image.ts";

/** What the thread is started with. */
export interface PredictWorkerData {
  /** The model's folder, or a zip of it. */
  readonly model: string;
  readonly threads?: number;
}

/** The answer for a picture, as `predictFiles` gives it without the file's name. */
export type Answered = { readonly predictions: readonly Prediction[] } | { readonly values: Values } | { readonly error: string };

const { model, ...options } = workerData as PredictWorkerData;
const loaded = await loadModel(model, options);

/** Resolves once the model is loaded. */
export async function ready(): Promise<void> {}

/** The answer for the picture in an encoded file. */
export async function predict(bytes: Uint8Array): Promise<Answered> {
  try {
    return loaded.kind === "continuous" ? { values: await loaded.predict(bytes) } : { predictions: await loaded.predict(bytes) };
  } catch (error) {
    if (error instanceof ImageError) return { error: error.message };
    throw error;
  }
}
