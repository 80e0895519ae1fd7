// Out-of-fold probabilities: a regularised linear head for each of k folds, trained on the others with thaw's own training step.

import { softmaxRows } from "../classifier/softmax.ts";
import { randomStream } from "../core/random.ts";
import { type Tensor, zeros } from "../core/tensor.ts";
import { sgd } from "../learner/step/optimizer.ts";
import { Trainer } from "../learner/step/trainer.ts";
import { oneHot } from "../learner/task/one-hot.ts";
import { linear } from "../nn/layers.ts";
import { describeParameters, type Stage } from "../nn/scope.ts";
import type { SessionOptions } from "../runtime/engine.ts";

export interface FoldOptions {
  readonly classes: number;
  /** Default 5. */
  readonly folds?: number;
  /** Seed for the folds and the order of training; default 42. */
  readonly seed?: number;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal | undefined;
}

/** Rows per step: enough for a gradient with little noise. */
const BATCH = 1024;
/** Minimum steps and passes over the training rows: enough to learn the classes, too few to memorise single wrong labels. */
const [STEPS, PASSES] = [50, 4];
/** Strong for the same reason. */
const WEIGHT_DECAY = 1;
/** The learning rate is RATE divided by the number of (standardised) features, at most HIGHEST_RATE. */
const [RATE, HIGHEST_RATE] = [100, 0.2];
const MOMENTUM = 0.9;

const head = (classes: number): Stage => ({ name: "fold", group: 0, apply: (scope, x) => linear(scope, "fold", x, classes) });

/** Probabilities [rows, classes] for standardised features [rows, width] and their class indices. */
export async function outOfFold(values: Float32Array, labels: ArrayLike<number>, options: FoldOptions): Promise<Float32Array> {
  const { classes, folds = 5, seed = 42 } = options;
  const width = values.length / labels.length;
  const fold = drawFolds(labels, folds, seed);
  const probabilities = new Float32Array(labels.length * classes);
  for (let held = 0; held < folds; held++) {
    const rows = Array.from(fold.keys()).filter((row) => fold[row] !== held);
    const { weight, bias } = await trainHead(values, width, labels, rows, held, options);
    for (const [row, its] of fold.entries()) {
      if (its !== held) continue;
      const logits = Float32Array.from({ length: classes }, (_, label) => {
        let sum = bias[label]!;
        for (let i = 0; i < width; i++) sum += weight[label * width + i]! * values[row * width + i]!;
        return sum;
      });
      probabilities.set(softmaxRows(logits, classes), row * classes);
    }
  }
  return probabilities;
}

/** The fold of each row, so that every class is spread evenly over the folds. */
function drawFolds(labels: ArrayLike<number>, folds: number, seed: number): Int32Array {
  const order = randomStream(seed, "folds").shuffle(Array.from({ length: labels.length }, (_, row) => row));
  const dealt = new Map<number, number>();
  const fold = new Int32Array(labels.length);
  // Classes begin at different folds: otherwise the first folds would get every class's remainder.
  for (const row of order) {
    const count = dealt.get(labels[row]!) ?? labels[row]!;
    fold[row] = count % folds;
    dealt.set(labels[row]!, count + 1);
  }
  return fold;
}

async function trainHead(
  values: Float32Array,
  width: number,
  labels: ArrayLike<number>,
  rows: readonly number[],
  held: number,
  { classes, seed = 42, session = {}, signal }: FoldOptions,
): Promise<{ weight: Float32Array; bias: Float32Array }> {
  const stages = [head(classes)];
  const specs = describeParameters(stages, [1, width]);
  const trainer = new Trainer({
    stages,
    inputType: "float32",
    itemShape: [width],
    classes,
    parameters: new Map(specs.map(({ name, shape }) => [name, zeros("float32", shape)])),
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd({ momentum: MOMENTUM }),
    session,
    seed,
  });
  const size = Math.min(BATCH, rows.length);
  const passes = Math.max(PASSES, Math.ceil(STEPS / Math.floor(rows.length / size)));
  const settings = { lrs: [Math.min(HIGHEST_RATE, RATE / width)], momentums: [MOMENTUM], weightDecays: [WEIGHT_DECAY] };
  try {
    for (let epoch = 0; epoch < passes; epoch++) {
      const order = randomStream(seed, "fold order", held, epoch).shuffle(rows);
      // Leftover rows have their turn in another epoch: all batches have the same size, so that one step is compiled.
      for (let start = 0; start + size <= order.length; start += size) {
        signal?.throwIfAborted();
        const batch = order.slice(start, start + size);
        const input = gather(values, width, batch);
        await trainer.step(
          {
            input,
            targets: oneHot(
              batch.map((row) => labels[row]!),
              classes,
            ),
          },
          settings,
          [held, epoch, start],
        );
      }
    }
    const parameters = trainer.snapshot();
    return { weight: parameters.get("fold.weight")?.data as Float32Array, bias: parameters.get("fold.bias")?.data as Float32Array };
  } finally {
    await trainer.release();
  }
}

function gather(values: Float32Array, width: number, rows: readonly number[]): Tensor<"float32"> {
  const input = zeros("float32", [rows.length, width]);
  for (const [i, row] of rows.entries()) input.data.set(values.subarray(row * width, (row + 1) * width), i * width);
  return input;
}
