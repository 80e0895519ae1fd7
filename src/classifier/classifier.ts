// A trained classifier in a product: from a picture to classes and probabilities. Loads no training code.

import type { Tensor } from "../core/tensor.ts";
import { loadImage } from "../data/load-image.ts";
import { loadBatches } from "../data/loader.ts";
import type { TransformSpec } from "../data/transforms.ts";
import { architectureOf } from "../nn/catalogue.ts";
import type { Session, SessionOptions } from "../runtime/engine.ts";
import { openSession } from "../runtime/session.ts";
import { type ModelDescription, networkStages, readModel } from "./format.ts";
import { inferenceGraph } from "./inference.ts";
import { normalizePixels } from "./preprocess.ts";
import { softmaxRows } from "./softmax.ts";

export interface Prediction {
  readonly class: string;
  /** In [0, 1]; the probabilities of all classes add up to 1. */
  readonly probability: number;
}

/** What became of one file: its predictions, most probable first, or why it could not be read. */
export type FilePrediction =
  | { readonly file: string; readonly predictions: readonly Prediction[] }
  | { readonly file: string; readonly error: string };

export interface Classifier {
  readonly classes: readonly string[];
  readonly description: ModelDescription;
  /** The classes of one picture (a path or the bytes of an image file), most probable first. Throws a UsageError for a picture that cannot be read. */
  predict(image: string | Uint8Array): Promise<readonly Prediction[]>;
  /** The classes of many files, in their order, read and computed in batches; a file that cannot be read does not stop the rest. */
  predictFiles(files: readonly string[], options?: { batchSize?: number; signal?: AbortSignal }): AsyncIterable<FilePrediction>;
  /** Frees the network's memory. */
  dispose(): Promise<void>;
}

/** Loads the model folder that `ConvLearner.save` or `thaw train` wrote. Throws a UsageError for a folder that is not one. */
export async function loadClassifier(folder: string, options: SessionOptions = {}): Promise<Classifier> {
  const { description, parameters } = await readModel(folder);
  const { classes, preprocessing, head } = description;
  const stages = networkStages(architectureOf(description.architecture), head, classes.length);
  const graph = inferenceGraph({
    stages,
    parameters,
    inputType: "uint8",
    inputShape: ["batch", preprocessing.size, preprocessing.size, 3],
    prepare: (builder, pixels) => normalizePixels(builder, pixels, preprocessing),
  });
  return classifierOf(description, await openSession(graph, options), {
    size: preprocessing.size,
    crop: preprocessing.crop,
    pad: preprocessing.pad,
    augment: [],
  });
}

function classifierOf(description: ModelDescription, session: Session, spec: TransformSpec): Classifier {
  const { classes } = description;
  const run = async (pixels: Tensor): Promise<readonly (readonly Prediction[])[]> => {
    const { output } = await session.run({ input: pixels });
    const probabilities = softmaxRows(output?.data as Float32Array, classes.length);
    return Array.from({ length: pixels.shape[0] as number }, (_, row) =>
      rank(classes, probabilities.subarray(row * classes.length, (row + 1) * classes.length)),
    );
  };
  return {
    classes,
    description,
    async predict(image) {
      const data = await loadImage(image, spec);
      return (await run({ type: "uint8", shape: [1, spec.size, spec.size, 3], data }))[0] as readonly Prediction[];
    },
    async *predictFiles(files, { batchSize = 32, signal } = {}) {
      const items = files.map((file) => ({ file, name: file, label: 0 }));
      for await (const batch of loadBatches({ items, spec, batchSize, order: [...items.keys()], seed: 0, epoch: 0, signal })) {
        const predictions = batch.indices.length > 0 ? await run(batch.pixels) : [];
        const results = new Map<number, FilePrediction>();
        for (const [row, i] of batch.indices.entries()) results.set(i, { file: files[i] as string, predictions: predictions[row] ?? [] });
        for (const { index, error } of batch.failed) results.set(index, { file: files[index] as string, error });
        for (const [, result] of [...results].sort(([a], [b]) => a - b)) yield result;
      }
    },
    dispose: () => session.release(),
  };
}

function rank(classes: readonly string[], probabilities: Float32Array): readonly Prediction[] {
  return classes.map((name, i) => ({ class: name, probability: probabilities[i] as number })).sort((a, b) => b.probability - a.probability);
}
