// Predictions of the trained part: one inference session with the parameters as they are now.

import { inferenceGraph } from "../../classifier/inference.ts";
import { type Normalization, normalizePixels } from "../../classifier/preprocess.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Parameters, Stage } from "../../nn/scope.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";
import type { InputBatch } from "./batches.ts";
import type { FrozenPart } from "./frozen-part.ts";

export interface EvaluateOptions extends WorkOptions {
  /** The stages right of the freeze point. */
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
  readonly frozen: Pick<FrozenPart, "itemShape" | "type">;
  readonly normalization: Normalization;
  readonly classes: number;
  /** Number of items that `batches` covers. */
  readonly count: number;
  readonly session: SessionOptions;
  /** The task's name in progress events. */
  readonly task: string;
}

/** The logits [count, classes] of all items of `batches`, each in the row of its index. */
export async function evaluateBatches(batches: AsyncIterable<InputBatch>, options: EvaluateOptions): Promise<Float32Array> {
  const { classes, count, onProgress, task } = options;
  const session = await openSession(trainedPartGraph(options), { ...options.session, name: "prediction" });
  try {
    const logits = new Float32Array(count * classes);
    let done = 0;
    for await (const { input, indices } of batches) {
      const values = ((await session.run({ input })).output as Tensor<"float32">).data;
      for (const [row, index] of indices.entries()) logits.set(values.subarray(row * classes, (row + 1) * classes), index * classes);
      done += indices.length;
      onProgress?.({ task, done, total: count, unit: "images" });
    }
    return logits;
  } finally {
    await session.release();
  }
}

function trainedPartGraph({ stages, parameters, frozen, normalization }: EvaluateOptions) {
  const takesPixels = frozen.type === "uint8";
  return inferenceGraph({
    stages,
    parameters,
    inputType: frozen.type,
    inputShape: ["batch", ...frozen.itemShape],
    prepare: takesPixels ? (graph, pixels) => normalizePixels(graph, pixels, normalization) : undefined,
  });
}
