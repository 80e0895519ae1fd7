// The finder's curve: smoothed loss over learning rate, with each rule's suggestion marked.

import type { Chart } from "./chart.ts";
import { linesChart, rangeOf } from "./lines.ts";
import { type SkipOptions, shownPart } from "./shown.ts";

export interface LearningRateCurve {
  readonly lrs: readonly number[];
  readonly losses: readonly number[];
  /** The suggested rate by the name of its rule; undefined if the rule finds none. */
  readonly suggestions: Readonly<Record<string, number | undefined>>;
}

/** A chart of 640 × 410 pixels: loss over learning rate (logarithmic), without the points at both ends that `skip` omits. */
export function learningRateChart({ lrs, losses, suggestions }: LearningRateCurve, skip: SkipOptions = {}): Chart {
  const shown = shownPart(lrs.length, skip);
  const points = lrs.map((lr, i) => [lr, losses[i]!] as const).slice(...shown);
  const found = Object.entries(suggestions).flatMap(([rule, at]) => (at === undefined ? [] : [{ at, rule }]));
  const places = [...new Set(found.map(({ at }) => at))];
  const marks = places.map((at) => ({
    at,
    label: found
      .filter((other) => other.at === at)
      .map(({ rule }) => rule)
      .join(", "),
  }));
  const words = found.map(({ rule, at }) => `${rule} ${at.toExponential(1)}`).join(", ");
  return linesChart({
    title: "Learning-rate finder",
    description: `Learning-rate finder: training loss over learning rate; suggestions: ${words || "none"}`,
    x: "learning rate",
    logarithmic: true,
    // A rule may suggest a rate outside the displayed range.
    range: rangeOf([...points.map(([lr]) => lr), ...places]),
    panels: [
      {
        name: "training loss (smoothed)",
        lines: [{ name: "training loss (smoothed)", points }],
      },
    ],
    marks: staggered(marks),
  });
}

/** Heights at which labels are. */
const LEVELS = 3;

/** Stacks the labels of neighbouring lines, so that they do not overlap. */
function staggered(marks: readonly { at: number; label: string }[]): readonly { at: number; label: string }[] {
  return marks.toSorted((a, b) => a.at - b.at).map(({ at, label }, i) => ({ at, label: label + "\n".repeat(i % LEVELS) }));
}
