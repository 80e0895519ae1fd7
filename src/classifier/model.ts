// A saved model that is ready to run: from pictures to the network's outputs, whatever these mean.

import type { Tensor } from "../core/tensor.ts";
import { loadImage } from "../data/load-image.ts";
import { loadBatches } from "../data/loader.ts";
import type { TransformSpec } from "../data/transforms.ts";
import { architectureOf } from "../nn/catalogue.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { openSession } from "../runtime/session.ts";
import type { ModelDescription } from "./format.ts";
import { inferenceGraph } from "./inference.ts";
import { networkStages } from "./network-stages.ts";
import { normalizePixels } from "./preprocess.ts";
import type { SavedModel } from "./read-model.ts";

/** How to go through many files. */
export interface FilesOptions {
  /** Images in a batch; default 32. */
  batchSize?: number;
  signal?: AbortSignal;
}

/** What became of one file: its result, or why it could not be read. */
export type FileResult<Result> = { readonly file: string; readonly result: Result } | { readonly file: string; readonly error: string };

export interface Model {
  readonly description: ModelDescription;
  /** The outputs for one picture, a path or the bytes of an image file. Throws ImageError where it cannot be read. */
  outputs(image: string | Uint8Array): Promise<Float32Array>;
  /** What `read` makes of the outputs for each file, in their order. */
  files<Result>(
    files: readonly string[],
    read: (outputs: Float32Array) => Result,
    options: FilesOptions,
  ): AsyncGenerator<FileResult<Result>, void, undefined>;
  release(): Promise<void>;
}

/** Opens the inference session of a saved model. */
export async function openModel({ description, parameters }: SavedModel, options: SessionOptions): Promise<Model> {
  const { classes, preprocessing, head } = description;
  const { size, crop, pad } = preprocessing;
  const graph = inferenceGraph({
    stages: networkStages(architectureOf(description.architecture), head, classes.length),
    parameters,
    inputType: "uint8",
    inputShape: ["batch", size, size, 3],
    prepare: (builder, pixels) => normalizePixels(builder, pixels, preprocessing),
  });
  const session = await openSession(graph, options);
  const spec: TransformSpec = { size, crop, pad, augment: [] };
  const run = async (pixels: Tensor): Promise<readonly Float32Array[]> => {
    const data = (await session.run({ input: pixels })).output?.data as Float32Array;
    return Array.from({ length: pixels.shape[0] as number }, (_, row) => data.subarray(row * classes.length, (row + 1) * classes.length));
  };
  return {
    description,
    async outputs(image) {
      const data = await loadImage(image, spec);
      return (await run({ type: "uint8", shape: [1, size, size, 3], data }))[0] as Float32Array;
    },
    async *files(files, read, { batchSize = 32, signal }) {
      const items = files.map((file) => ({ file, name: file, label: 0 }));
      for await (const batch of loadBatches({ items, spec, batchSize, order: [...items.keys()], seed: 0, epoch: 0, signal })) {
        const outputs = batch.indices.length > 0 ? await run(batch.pixels) : [];
        const results = new Map<number, FileResult<ReturnType<typeof read>>>();
        for (const [row, i] of batch.indices.entries())
          results.set(i, { file: files[i] as string, result: read(outputs[row] as Float32Array) });
        for (const { index, error } of batch.failed) results.set(index, { file: files[index] as string, error });
        for (const [, result] of [...results].sort(([a], [b]) => a - b)) yield result;
      }
    },
    release: () => session.release(),
  };
}
