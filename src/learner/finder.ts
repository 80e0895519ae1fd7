// The learning-rate finder: real steps on copies of the weights while the rate rises by a constant factor, until the loss blows up.

import { learningRateChart } from "../chart/learning-rate.ts";
import type { WorkOptions } from "../core/progress.ts";
import type { Tensor } from "../core/tensor.ts";
import type { InputBatch } from "./batches.ts";
import { exponential } from "./schedule.ts";
import { smoother } from "./smoothing.ts";
import { suggestValley } from "./suggest.ts";
import type { Trainer } from "./trainer.ts";

export interface Found {
  /** The last layer group's rate of each step that was recorded. */
  readonly lrs: readonly number[];
  /** The smoothed training loss (β 0.98, bias-corrected) at each. */
  readonly losses: readonly number[];
  /** The valley's rate; undefined where the loss never fell. */
  readonly suggestion: number | undefined;
  /** The curve with the suggestion, as SVG. */
  plot(): string;
}

export interface FinderLoopOptions extends WorkOptions {
  readonly trainer: Trainer;
  /** Batches for as many steps as are asked for, going round small sets. */
  readonly batches: AsyncIterable<InputBatch>;
  readonly steps: number;
  /** Targets of the items at `indices`, as the trainer takes them. */
  readonly targets: (indices: readonly number[]) => Tensor<"float32">;
  readonly startLr: number;
  readonly endLr: number;
  /** Rates of the groups in relation to the last one's. */
  readonly ratios: readonly number[];
  readonly momentum: number;
}

/** Steps after which the best loss counts, and the factor on it that ends the search (fastai 0.7). */
const [SETTLE, EXPLODED] = [10, 4];

/** Runs the search on `trainer`, which is thrown away afterwards. */
export async function findLearningRate(options: FinderLoopOptions): Promise<Found> {
  const { trainer, steps, ratios, momentum, onProgress } = options;
  const rate = exponential(options.startLr, options.endLr, steps);
  const smooth = smoother();
  const lrs: number[] = [];
  const losses: number[] = [];
  let best = Number.POSITIVE_INFINITY;
  for await (const { input, indices } of options.batches) {
    options.signal?.throwIfAborted();
    const step = lrs.length;
    const lr = rate(step);
    const targets = options.targets(indices);
    const settings = { lrs: ratios.map((ratio) => ratio * lr), momentums: ratios.map(() => momentum), weightDecays: ratios.map(() => 0) };
    const loss = smooth(await trainer.step({ input, targets }, settings, ["finder", step]));
    if (Number.isNaN(loss) || loss > EXPLODED * best) break;
    lrs.push(lr);
    losses.push(loss);
    if (step >= SETTLE) best = Math.min(best, loss);
    onProgress?.({ task: "Finding the learning rate", done: step + 1, total: steps, unit: "steps" });
    if (lrs.length === steps) break;
  }
  // The first steps start high for lack of an average, the last ones are where it explodes.
  const [skip, end] = [Math.floor(steps / 10), losses.length === steps ? losses.length : losses.length - 5];
  const suggestion = suggestValley(lrs.slice(skip, end), losses.slice(skip, end));
  return { lrs, losses, suggestion, plot: () => learningRateChart({ lrs, losses, suggestion }) };
}
