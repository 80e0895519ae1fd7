// The record of a fit: loss, rate and momentum of every batch, and their charts. `learner.sched` is that of the last fit.

import * as v from "valibot";
import type { Chart } from "../../chart/chart.ts";
import { linesChart } from "../../chart/lines.ts";
import { type SkipOptions, shownPart } from "../../chart/shown.ts";
import { type Callback, keptCount, keptNumber } from "../loop/callback.ts";

/** What a fit recorded, batch by batch; rates are the last layer group's. */
export interface Sched {
  readonly lrs: readonly number[];
  readonly momentums: readonly number[];
  /** The smoothed training loss (β 0.98, bias-corrected). */
  readonly losses: readonly number[];
  /** Batches after which each phase (or cycle) ended. */
  readonly phaseEnds: readonly number[];
  /** The validation loss after each epoch, and the batches until then. */
  readonly validLosses: readonly { readonly step: number; readonly loss: number }[];
  /** The rate over the batches, with the borders of the phases; momentum below it if it changes. */
  plotLr(): Chart;
  /**
   * The training and validation loss over the batches, the former without the first `nSkip` (default 10) and last `nSkipEnd` (5) unless fewer
   * than ten would be left.
   */
  plotLoss(options?: SkipOptions): Chart;
}

const keptSchema = v.object({
  lrs: v.array(keptNumber),
  momentums: v.array(keptNumber),
  losses: v.array(keptNumber),
  phaseEnds: v.array(keptCount),
  validLosses: v.array(v.object({ step: keptCount, loss: keptNumber })),
});

/** An empty record and the callback that fills it. */
export function recorder(): { readonly sched: Sched; readonly callback: Callback } {
  const [lrs, momentums, losses, phaseEnds]: [number[], number[], number[], number[]] = [[], [], [], []];
  const validLosses: { step: number; loss: number }[] = [];
  const callback: Callback = {
    batchesTogether: true,
    onBatchEnd(loss, { settings }) {
      lrs.push(settings?.lrs.at(-1) ?? Number.NaN);
      momentums.push(settings?.momentums.at(-1) ?? Number.NaN);
      losses.push(loss);
    },
    onEpochEnd: ({ validLoss }) => void validLosses.push({ step: losses.length, loss: validLoss }),
    onPhaseEnd: () => void phaseEnds.push(losses.length),
    keep: () => ({ values: { lrs, momentums, losses, phaseEnds, validLosses } }),
    kept: keptSchema,
    onResume(_, stored) {
      if (!stored) return;
      const values = stored.values as v.InferOutput<typeof keptSchema>;
      for (const [list, before] of [
        [lrs, values.lrs],
        [momentums, values.momentums],
        [losses, values.losses],
        [phaseEnds, values.phaseEnds],
      ] as const)
        for (const value of before) list.push(value);
      validLosses.push(...values.validLosses);
    },
  };
  const sched: Sched = {
    lrs,
    momentums,
    losses,
    phaseEnds,
    validLosses,
    plotLr() {
      const still = momentums.every((value) => value === momentums[0]);
      const panels = [{ name: "learning rate", lines: [{ name: "learning rate", points: numbered(lrs) }] }];
      if (!still) panels.push({ name: "momentum", lines: [{ name: "momentum", points: numbered(momentums) }] });
      return linesChart({ title: "Schedule", x: "batch", panels, marks: phaseEnds.slice(0, -1).map((at) => ({ at })) });
    },
    plotLoss(options = {}) {
      const training = numbered(losses).slice(...shownPart(losses.length, options));
      const validation = validLosses.map(({ step, loss }) => [step, loss] as const);
      const lines = [
        { name: "training loss (smoothed)", points: training },
        { name: "validation loss", points: validation },
      ];
      return linesChart({
        title: "Loss",
        x: "batch",
        panels: [{ name: "loss", lines }],
        marks: phaseEnds.slice(0, -1).map((at) => ({ at })),
      });
    },
  };
  return { sched, callback };
}

function numbered(values: readonly number[]): readonly (readonly [number, number])[] {
  return values.map((value, i) => [i, value] as const);
}
