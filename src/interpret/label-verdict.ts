// How many labels are likely wrong, and how far that can be trusted: the same words in `thaw train`, `thaw audit` and the report.

import type { FlipTest } from "./flipped-labels.ts";

/** What was found about a data set's labels. */
export interface LabelVerdict {
  readonly images: number;
  /** Labels that confident learning counts as errors. */
  readonly likelyWrong: number;
  /** The share of images, in [0, 1], whose label a classifier that was not fitted on the image finds the most probable; NaN if unknown. */
  readonly agreement: number;
  /** What the same search finds of labels of these images that are changed on purpose; left out if there is one class, and in older records. */
  readonly flips?: FlipTest | undefined;
}

/** Above this agreement the classifier's own mistakes are few. */
const RELIABLE = 0.98;

/** The verdict in one sentence, and more that say how sure it is. */
export function verdictInWords({ images, likelyWrong, agreement, flips }: LabelVerdict): readonly string[] {
  const [wrong, all] = [likelyWrong, images].map((count) => count.toLocaleString("en-US"));
  const verdict =
    likelyWrong === 0
      ? `None of ${all} labels is likely wrong.`
      : `${wrong} of ${all} labels ${likelyWrong === 1 ? "is" : "are"} likely wrong.`;
  if (flips) return [verdict, testInWords(flips), ...(likelyWrong > 0 ? [CAVEAT] : [])];
  if (Number.isNaN(agreement)) return [verdict];
  const basis = `The classifier behind this names the label of ${Math.floor(100 * agreement)} % of the photographs without having seen them`;
  if (agreement >= RELIABLE) return [verdict, `${basis}.`];
  return [
    verdict,
    likelyWrong === 0
      ? `${basis}: it may miss wrong labels.`
      : `${basis}, so some of these labels may be right: look before you change one.`,
  ];
}

/** What the rate on changed labels does not tell: how many were wrong before. */
const CAVEAT = "Where fewer labels are wrong, fewer of those that it calls wrong are: look before you change one.";

/** How the same search did where labels were changed on purpose. */
function testInWords({ share, changed, found, called }: FlipTest): string {
  const percent = (part: number, whole: number): string => `${Math.floor((100 * part) / whole)} %`;
  const test = `With ${percent(share, 1)} of these labels changed on purpose, the same search finds ${percent(found, changed)} of the changed ones`;
  return called === 0 ? `${test}.` : `${test}, and at least ${percent(found, called)} of the labels that it then calls wrong are wrong.`;
}
