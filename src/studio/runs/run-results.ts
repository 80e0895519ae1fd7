// The results of a run as the page shows them, from what the run left, by the report's own functions.

import { Interpretation } from "../../interpret/interpretation.ts";
import { verdictInWords } from "../../interpret/label-verdict.ts";
import type { ReportContent } from "../../interpret/report/content.ts";
import { calibrationBins, calibrationError } from "../../metrics/probability.ts";
import type { PhotoId } from "../protocol/photographs.ts";
import type { RunResults } from "../protocol/results.ts";
import type { RunId } from "../protocol/training.ts";

/** Photographs with the largest losses, and points of a curve. */
const [LOSSES, POINTS] = [48, 500];
/** Parts of the confidence: the report's. */
const BINS = 15;

/** The results of the run `run`; photographs that `idOf` does not find are left out of lists, and count in the numbers. */
export function resultsOf(run: RunId, content: ReportContent, idOf: (name: string) => PhotoId | undefined): RunResults {
  const { classes, predictions, problems, ttaAccuracy } = content;
  const view = new Interpretation(predictions, classes);
  const { counts } = view.confusion();
  const nameOf = (label: number): string => classes[label] as string;
  const found = <Item>(file: string, make: (id: PhotoId) => Item): readonly Item[] => {
    const id = idOf(file);
    return id === undefined ? [] : [make(id)];
  };
  const { probabilities, targets } = predictions;
  return {
    run,
    classes,
    accuracy: predictions.accuracy,
    ttaAccuracy,
    confusion: classes.map((_, row) => Array.from(counts.subarray(row * classes.length, (row + 1) * classes.length))),
    predictions: view
      .picks()
      .flatMap(({ file, target, predicted, probability, loss }) =>
        found(file, (id) => ({ id, target: nameOf(target), predicted: nameOf(predicted), probability, loss })),
      ),
    topLosses: view.topLosses(LOSSES).flatMap(({ file }) => found(file, (id) => id)),
    report: view.report(),
    doubts: (problems?.labels ?? []).flatMap(({ file, given, suggested, score, likely }) =>
      found(file, (id) => ({ id, given, suggested, score, likely })),
    ),
    verdict: problems ? verdictInWords(problems) : [],
    calibration: {
      bins: calibrationBins(probabilities, targets, BINS).flatMap((bin, i) => (bin.count > 0 ? [{ ...bin, from: i / BINS }] : [])),
      error: calibrationError(probabilities, targets, BINS),
    },
    thresholds: view.thresholds(),
    schedules: content.schedules.map(({ stage, lrs, momentums, losses }) => {
      const step = Math.max(1, Math.ceil(lrs.length / POINTS));
      const thinned = (values: readonly number[]): readonly number[] => values.filter((_, i) => i % step === 0);
      return { stage, step, lrs: thinned(lrs), momentums: thinned(momentums), losses: thinned(losses) };
    }),
  };
}
