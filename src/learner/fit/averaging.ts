// Averages the weights of a fit's epochs, with batch norm statistics of the average, and validates it now and then.

import * as v from "valibot";
import type { WorkOptions } from "../../core/progress.ts";
import type { Parameters } from "../../nn/scope.ts";
import { swa } from "../callbacks/averages.ts";
import { type Callback, keptCount, keptNumber } from "../loop/callback.ts";
import type { SwaResult } from "../loop/epoch-result.ts";
import type { LearnerState } from "../state/learner-state.ts";
import { refreshStatistics } from "./batch-norm-statistics.ts";
import type { TrainingOptions } from "./options.ts";

/** Averages the weights over the epochs, and measures the average every `swaEvalFreq` epochs and after the last, as fastai 0.7 does. */
export function averageEpochs(
  state: LearnerState,
  { swaStart: start = 1, swaEvalFreq = 5 }: TrainingOptions,
  bs: number,
  work: WorkOptions,
) {
  const average = swa({ start });
  const results: SwaResult[] = [];
  /** The average after the last epoch, if it was measured. */
  let last: Parameters | undefined;
  const measure: Callback = {
    async onEpochEnd({ epoch, epochs }) {
      last = undefined;
      if (!average.parameters || ((epoch - start) % swaEvalFreq !== 0 && epoch !== epochs)) return;
      const parameters = await withFreshStatistics(state, average.parameters, bs, work);
      // The frozen part stays that of the fit, which has the same weights.
      const network = { ...(await state.open()), parameters };
      const logits = await state.path.logits("valid", network, state.cut.precompute, work);
      const { loss, ...worth } = state.task.measure(state.data.valid, logits);
      results.push({ epoch, validLoss: loss, ...worth });
      last = parameters;
    },
    keep: () => ({ values: { results } }),
    kept: v.object({ results: v.array(v.looseObject({ epoch: keptCount, validLoss: keptNumber, accuracy: keptNumber })) }),
    onResume: (_, stored) => void results.push(...((stored?.values.results ?? []) as readonly SwaResult[])),
  };
  return {
    callbacks: [average, measure],
    results,
    /** The average, with its own batch norm statistics. */
    async parameters(): Promise<Parameters | undefined> {
      return last ?? (average.parameters && withFreshStatistics(state, average.parameters, bs, work));
    },
  };
}

/** `parameters` with batch norm's running statistics updated on the training images. */
export async function withFreshStatistics(state: LearnerState, parameters: Parameters, bs: number, work: WorkOptions): Promise<Parameters> {
  const { frozen, stages } = await state.open();
  return refreshStatistics({
    stages,
    parameters,
    counts: (group) => state.cut.trains(group) && !state.cut.bnFreeze,
    prepare: state.prepare(frozen),
    batches: state.passes(frozen, bs, work).epoch("swa"),
    session: state.session,
    signal: work.signal,
  });
}
