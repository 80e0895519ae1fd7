// Averaging the weights of a fit's epochs on a learner: with batch norm's statistics of its own, and measured on the validation now and then.

import type { WorkOptions } from "../../core/progress.ts";
import type { Parameters } from "../../nn/scope.ts";
import { swa } from "../callbacks/averages.ts";
import type { Callback } from "../loop/callback.ts";
import type { SwaResult } from "../loop/epoch-result.ts";
import type { LearnerState } from "../state.ts";
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
  /** The average after the last epoch, where it was measured. */
  let last: Parameters | undefined;
  const measure: Callback = {
    async onEpochEnd({ epoch, epochs }) {
      last = undefined;
      if (!average.parameters || ((epoch - start) % swaEvalFreq !== 0 && epoch !== epochs)) return;
      const parameters = await countedAnew(state, average.parameters, bs, work);
      const { loss, ...worth } = state.task.measure(state.data.valid, await state.validLogits(await state.frozen(), parameters, work));
      results.push({ epoch, validLoss: loss, ...worth });
      last = parameters;
    },
    keep: () => ({ values: { results } }),
    onResume: (_, kept) => void results.push(...((kept?.values.results ?? []) as readonly SwaResult[])),
  };
  return {
    callbacks: [average, measure],
    results,
    /** The average with batch norm's statistics of its own. */
    async parameters(): Promise<Parameters | undefined> {
      return last ?? (average.parameters && countedAnew(state, average.parameters, bs, work));
    },
  };
}

/** `parameters` with batch norm's statistics counted anew on the training images. */
export async function countedAnew(state: LearnerState, parameters: Parameters, bs: number, work: WorkOptions): Promise<Parameters> {
  const frozen = await state.frozen();
  return refreshStatistics({
    stages: state.trainedStages,
    parameters,
    counts: (group) => state.trains(group) && !state.bnFreeze,
    prepare: state.prepare(frozen),
    batches: state.epochBatches(frozen, "swa", bs, work),
    session: state.session,
    signal: work.signal,
  });
}
