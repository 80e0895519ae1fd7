// The learning-rate finder: real steps on copies of the weights while the rate rises, until the loss blows up.

import type { Chart } from "../../chart/chart.ts";
import { learningRateChart } from "../../chart/learning-rate.ts";
import { linesChart } from "../../chart/lines.ts";
import { type SkipOptions, shownPart } from "../../chart/shown.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Parameters } from "../../nn/scope.ts";
import { watchDivergence } from "../callbacks/divergence.ts";
import type { InputBatch } from "../frozen/batches.ts";
import { smoother } from "../loop/smoothing.ts";
import type { Schedule } from "../schedules/schedule.ts";
import type { Trainer } from "../step/trainer.ts";
import { lossSlopes, type Suggestions, suggestAll } from "./suggest.ts";

/** The finder's curve. */
export interface LrFinderResult {
  /** The last layer group's rate of each step that was recorded. */
  readonly lrs: readonly number[];
  /** The smoothed training loss (β 0.98, bias-corrected) at each. */
  readonly losses: readonly number[];
  /** The valley's rate; undefined if the loss never fell. */
  readonly suggestion: number | undefined;
  /** Every rule's rate. */
  readonly suggestions: Suggestions;
  /** Smoothed measures of a validation batch at each step, by name ("validation loss", "accuracy"); only `lrFind2` takes them. */
  readonly measures: Readonly<Record<string, readonly number[]>>;
  /**
   * The curve with every rule's suggestion, without its first `nSkip` (default 10) and last `nSkipEnd` (5) points, as fastai draws it, unless
   * fewer than ten would be left.
   */
  plot(options?: SkipOptions): Chart;
  /** The rate over the batches of the search. */
  plotLr(): Chart;
  /** How fast the loss falls at each rate, smoothed over `sma` steps (default 20; Surmenok 2017). */
  plotDerivative(options?: { sma?: number }): Chart;
}

export interface FinderLoopOptions extends WorkOptions {
  readonly trainer: Trainer;
  /** Batches for all steps, repeating small sets. */
  readonly batches: AsyncIterable<InputBatch>;
  readonly steps: number;
  /** Targets of the items at `indices`, as the trainer takes them. */
  readonly targets: (indices: readonly number[]) => Tensor<"float32">;
  /** The last layer group's rate at each step. */
  readonly rate: Schedule;
  /** Rates of the groups in relation to the last one's. */
  readonly ratios: readonly number[];
  readonly weightDecays: readonly number[];
  readonly momentum: number;
  /** Measures to take after each step, by name. */
  readonly measure?: ((parameters: Parameters, step: number) => Promise<Readonly<Record<string, number>>>) | undefined;
  /** Ends the search if the loss explodes; default true. */
  readonly stopDv?: boolean | undefined;
}

/** Runs the search on `trainer`, which is thrown away afterwards. */
export async function findLearningRate(options: FinderLoopOptions): Promise<LrFinderResult> {
  const { trainer, steps, rate, ratios, momentum, weightDecays, stopDv = true, measure, onProgress } = options;
  const smooth = smoother();
  const smoothed = new Map<string, { smooth: (value: number) => number; values: number[] }>();
  const lrs: number[] = [];
  const losses: number[] = [];
  const diverged = watchDivergence();
  for await (const { input, indices } of options.batches) {
    options.signal?.throwIfAborted();
    const step = lrs.length;
    const lr = rate(step);
    const targets = options.targets(indices);
    const settings = { lrs: ratios.map((ratio) => ratio * lr), momentums: ratios.map(() => momentum), weightDecays };
    const loss = smooth(await trainer.step({ input, targets }, settings, ["finder", step]));
    if (diverged(loss) && (stopDv || Number.isNaN(loss))) break;
    lrs.push(lr);
    losses.push(loss);
    for (const [name, value] of Object.entries((await measure?.(await trainer.parameters(), step)) ?? {})) {
      const kept = smoothed.get(name) ?? { smooth: smoother(), values: [] };
      kept.values.push(kept.smooth(value));
      smoothed.set(name, kept);
    }
    onProgress?.({ task: "Finding the learning rate", done: step + 1, total: steps, unit: "steps" });
    if (lrs.length === steps) break;
  }
  return foundOf(lrs, losses, steps, Object.fromEntries([...smoothed].map(([name, { values }]) => [name, values])));
}

function foundOf(
  lrs: readonly number[],
  losses: readonly number[],
  steps: number,
  measures: Readonly<Record<string, readonly number[]>>,
): LrFinderResult {
  // As in fastai 2 the first tenth does not count, which starts high for lack of an average, nor the last five, where the loss explodes. One that
  // goes to its end has not exploded: there, unlike in fastai 2, all of its points count, of which short searches have few.
  const [skip, end] = [Math.floor(steps / 10), losses.length === steps ? losses.length : Math.max(0, losses.length - 5)];
  const suggestions = suggestAll(lrs.slice(skip, end), losses.slice(skip, end));
  const suggestion = suggestions.valley;
  return {
    lrs,
    losses,
    suggestion,
    suggestions,
    measures,
    plot(options = {}) {
      if (Object.keys(measures).length === 0) return learningRateChart({ lrs, losses, suggestions }, options);
      const { "validation loss": validLosses = [], ...others } = measures;
      const shown = shownPart(lrs.length, options);
      const line = (name: string, values: readonly number[]) => ({
        name,
        points: values.map((value, i) => [lrs[i]!, value] as const).slice(...shown),
      });
      const panels = [
        { name: "loss (smoothed)", lines: [line("training loss", losses), line("validation loss", validLosses)] },
        ...Object.entries(others).map(([name, values]) => ({ name, lines: [line(name, values)] })),
      ];
      return linesChart({ title: "Learning-rate finder", x: "learning rate", logarithmic: true, panels });
    },
    plotLr() {
      const points = lrs.map((lr, step) => [step + 1, lr] as const);
      return linesChart({
        title: "Learning-rate finder",
        x: "batch",
        panels: [{ name: "learning rate", lines: [{ name: "learning rate", points }] }],
      });
    },
    plotDerivative({ sma = 20 } = {}) {
      const { lrs: rates, slopes } = lossSlopes(lrs, losses, sma);
      const lines = [{ name: "change of the loss per step", points: rates.map((lr, i) => [lr, slopes[i]!] as const) }];
      const panels = [{ name: "change of the loss per step", lines }];
      return linesChart({ title: "Learning-rate finder", x: "learning rate", logarithmic: true, panels });
    },
  };
}
