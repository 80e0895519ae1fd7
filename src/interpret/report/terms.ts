// What the words of a report mean, in a line each, for readers who meet them for the first time.

import { type Html, html } from "./html.ts";

export const STAGE_TERMS = {
  precompute:
    "Only the new last layers, the head, learn. The pretrained layers before them do not change, so what they make of each photograph is computed once and reused.",
  augment:
    "The head learns from photographs that are cropped, turned, lit and mirrored differently each time, so that it does not learn them by heart.",
  unfreeze: "All layers learn, the early ones in the smallest steps, so that the pretrained network adapts to these photographs.",
  tta: "Test-time augmentation: each photograph is predicted several times, as it is and in altered views, and the answers are averaged. Slower, often a little more accurate.",
} as const;

export const CLASS_TERMS = {
  precision: "Of the photographs that were given this class, the share that are of it.",
  recall: "Of the photographs that are of this class, the share that were found.",
  F1: "One number for both, their harmonic mean: high only if both are high.",
  images: "How many validation photographs are of this class. With few, the shares above are rough.",
  "macro average": "The mean over the classes, each counting the same; in the weighted average each counts by its number of photographs.",
} as const;

export const CHART_TERMS = {
  curves:
    "The loss measures how wrong the answers are, and counts most what was wrong and certain; lower is better. If the validation loss rises while the training loss falls, the network is learning photographs by heart.",
  schedule:
    "How large the steps of training were (the learning rate) and how much of the steps before each kept (the momentum), batch by batch, and the loss on the photographs that it learnt from.",
  finder:
    "Trial steps with a rising rate. The loss falls fastest just before it turns up again, and a good rate is on the way down: the valley, which thaw uses.",
  calibration:
    "Whether the network is as sure as it should be: of the answers given with 80 % confidence, 80 % should be right. On the dashed line it is; below, it is too sure of itself.",
  roc: "Each class against the others, over all thresholds: how many of its photographs are found for how many false alarms. 1.000 beside the name is perfect, 0.5 is chance.",
  precisionRecall:
    "How many of the answers are right when more of the class is to be found. The number beside the name is the average precision; 1 is perfect.",
  thresholds: "What happens if answers below a probability are not given: they become more often right, and fewer.",
  labelThresholds: "What happens if only labels above a probability are given: they become more often right, and fewer are found.",
} as const;

/** A list of `terms` with their meanings, those of `names` only. */
export function glossary<Name extends string>(terms: Readonly<Record<Name, string>>, names = Object.keys(terms) as Name[]): Html {
  return html`<dl class="terms">${names.map((name) => html`<dt>${name}</dt><dd>${terms[name]}</dd>`)}</dl>`;
}
