// A saved model, opened: from pictures to the network's raw outputs.

import type { Tensor } from "../core/tensor.ts";
import type { TransformSpec } from "../data/augment/transforms.ts";
import type { Item } from "../data/dataset/items.ts";
import type { PixelImage } from "../data/decode/image.ts";
import { limiter } from "../data/load/limiter.ts";
import { loadImage } from "../data/load/load-image.ts";
import { loadBatches } from "../data/load/loader.ts";
import type { SessionOptions } from "../runtime/engine.ts";
import { openSession } from "../runtime/session.ts";
import { disposeGuard } from "./dispose-guard.ts";
import type { ModelDescription } from "./format.ts";
import { inferenceGraph } from "./inference.ts";
import { networkStages } from "./network-stages.ts";
import { normalizePixels } from "./preprocess.ts";
import type { SavedModel } from "./read-model.ts";
import { batchRequests } from "./request-batching.ts";

/** A picture: the path of its file (in a browser its address), the file's bytes, a Blob, or decoded pixels. */
export type Picture = string | Uint8Array | Blob | PixelImage;

/** One of many files: its path (in a browser its address), or what it is called and how it is read. */
export type PictureFile = string | Pick<Item, "file" | "read">;

/** Options for predicting many files. */
export interface FilesOptions {
  /** Images per batch; default 32. */
  batchSize?: number;
  signal?: AbortSignal;
}

/** The result for one file, or why it could not be read. */
export type FileResult<Result> = { readonly file: string; readonly result: Result } | { readonly file: string; readonly error: string };

/** What the network gives for a picture. */
export interface RawAnswer {
  readonly outputs: Float32Array;
  /** How far it lies from the known classes, if the model knows: above 1 it is farther than the model's limit. */
  readonly distance: number | undefined;
}

export interface Model {
  readonly description: ModelDescription;
  /** What comes out for one picture; simultaneous requests are computed in one batch. Throws an ImageError if it cannot be read. */
  outputs(picture: Picture): Promise<RawAnswer>;
  /** The result of `read` on what comes out for each file, in order. */
  files<Result>(
    files: readonly PictureFile[],
    read: (answer: RawAnswer) => Result,
    options: FilesOptions,
  ): AsyncGenerator<FileResult<Result>, void, undefined>;
  /** Waits for running work and frees the network's memory; predicting afterwards is an error. */
  dispose(): Promise<void>;
}

/** Images per batch, and how many pictures of one caller are being decoded or wait for the network at a time. */
const [BATCH, AT_ONCE] = [32, 64];

/** Opens the inference session of a saved model. */
export async function openModel({ description, architecture, parameters, known }: SavedModel, options: SessionOptions): Promise<Model> {
  const { classes, preprocessing, head } = description;
  const { size, crop, pad, mean } = preprocessing;
  const channels = mean.length;
  const graph = inferenceGraph({
    stages: networkStages(architecture, head, classes.length),
    parameters,
    inputType: "uint8",
    inputShape: ["batch", size, size, channels],
    prepare: (builder, pixels) => normalizePixels(builder, pixels, preprocessing),
    known,
  });
  const session = await openSession(graph, { ...options, sleeps: true });
  const { use, dispose } = disposeGuard("This model", () => session.release());
  const spec: TransformSpec = { size, crop, channels, pad, augment: [] };
  const run = async (pixels: Tensor): Promise<readonly RawAnswer[]> => {
    const { output, distance } = await session.run({ input: pixels });
    const data = output?.data as Float32Array;
    return Array.from({ length: pixels.shape[0] as number }, (_, row) => ({
      outputs: data.slice(row * classes.length, (row + 1) * classes.length),
      distance: distance && Number(distance.data[row]),
    }));
  };
  const gate = limiter(AT_ONCE);
  const runBatched = batchRequests((images: readonly Uint8Array[]) => run(stacked(images, size, channels)), BATCH);
  return {
    description,
    outputs: (picture) => use(() => gate(async () => runBatched(await loadImage(await contentOf(picture), spec)))),
    async *files(files, readOutputs, { batchSize = BATCH, signal }) {
      const items = files.map((one): Item => {
        const { file, read } = typeof one === "string" ? { file: one } : one;
        return { file, name: file, label: 0, ...(read && { read }) };
      });
      // If there are few files, the first is predicted before a worker thread would have started.
      const workers = files.length > BATCH ? undefined : { workers: 0 };
      for await (const batch of loadBatches({ items, spec, batchSize, order: [...items.keys()], seed: 0, epoch: 0, signal, ...workers })) {
        const outputs = await use(async () => (batch.indices.length > 0 ? run(batch.pixels) : []));
        const results = new Map<number, FileResult<ReturnType<typeof readOutputs>>>();
        for (const [row, i] of batch.indices.entries())
          results.set(i, { file: items[i]!.file, result: readOutputs(outputs[row] as RawAnswer) });
        for (const { index, error } of batch.failed) results.set(index, { file: items[index]!.file, error });
        for (const [, result] of [...results].sort(([a], [b]) => a - b)) yield result;
      }
    },
    dispose,
  };
}

async function contentOf(picture: Picture): Promise<string | Uint8Array | PixelImage> {
  return picture instanceof Blob ? new Uint8Array(await picture.arrayBuffer()) : picture;
}

/** Pixels [n, size, size, channels] of n images. */
function stacked(images: readonly Uint8Array[], size: number, channels: number): Tensor {
  const length = size * size * channels;
  const data = new Uint8Array(images.length * length);
  for (const [i, pixels] of images.entries()) data.set(pixels, i * length);
  return { type: "uint8", shape: [images.length, size, size, channels], data };
}
