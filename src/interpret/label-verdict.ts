// How many labels are likely wrong, and how far that can be trusted: the same words in `thaw train`, `thaw audit` and the report.

/** What was found about a data set's labels. */
export interface LabelVerdict {
  readonly images: number;
  /** Labels that confident learning counts as errors. */
  readonly likelyWrong: number;
  /** The share of images, in [0, 1], whose label a classifier that was not fitted on the image finds the most probable; NaN if unknown. */
  readonly agreement: number;
}

/** Above this agreement the classifier's own mistakes are few. */
const RELIABLE = 0.98;

/** The verdict in one sentence, and a second one that says how sure it is. */
export function verdictInWords({ images, likelyWrong, agreement }: LabelVerdict): readonly string[] {
  const share = Math.floor(100 * agreement);
  const basis = `The classifier behind this names the label of ${share} % of the photographs without having seen them`;
  const [wrong, all] = [likelyWrong, images].map((count) => count.toLocaleString("en-US"));
  const verdict =
    likelyWrong === 0
      ? `None of ${all} labels is likely wrong.`
      : `${wrong} of ${all} labels ${likelyWrong === 1 ? "is" : "are"} likely wrong.`;
  if (Number.isNaN(agreement)) return [verdict];
  if (agreement >= RELIABLE) return [verdict, `${basis}.`];
  return [
    verdict,
    likelyWrong === 0
      ? `${basis}: it may miss wrong labels.`
      : `${basis}, so some of these labels may be right: look before you change one.`,
  ];
}
