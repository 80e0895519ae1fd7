// The head that is fitted while the user labels: a linear model of the features, and what it says about every photograph.

import { softmaxRows } from "../../classifier/softmax.ts";
import { randomStream } from "../../core/random.ts";
import { zeros } from "../../core/tensor.ts";
import { fitLinear, type LinearModel, type LinearOptions, predictLinear } from "../../learner/probe/fit-linear.ts";
import type { Guess, PhotoId } from "../protocol/photographs.ts";
import type { FeatureBank } from "./feature-bank.ts";

/** A photograph and the index of its class. */
export interface Labelled {
  readonly id: PhotoId;
  readonly label: number;
}

/** Rows that a fit sees at most: more hardly change it and take longer than a user waits. */
const MOST_ROWS = 4000;
/** With fewer rows than this of each class, held-out rows say too little to choose how strong the L2 is. */
const FEW = 4;
const L2_OF_FEW = 0.1;
/** Rows whose predictions are computed at once. */
const BLOCK = 8192;
const SEED = 42;

/** Fits a head to labelled photographs, of at least two classes, that have features. Throws the reason of `signal` if that is aborted. */
export async function fitHead(
  bank: FeatureBank,
  labelled: readonly Labelled[],
  classes: readonly string[],
  signal?: AbortSignal,
): Promise<LinearModel> {
  const rows = chosenRows(labelled);
  const targets = zeros("float32", [rows.length, classes.length]);
  const counts = new Float64Array(classes.length);
  for (const [row, { label }] of rows.entries()) {
    targets.data[row * classes.length + label] = 1;
    counts[label]!++;
  }
  const isFew = counts.some((count) => count > 0 && count < FEW);
  const search: LinearOptions = isFew ? { l2s: [L2_OF_FEW], folds: 2, measured: 1 } : { folds: FEW, measured: 1 };
  return fitLinear(bank.gather(rows.map(({ id }) => id)), targets, { ...search, seed: SEED, signal });
}

/** All of them, or if there are too many some of each class. */
function chosenRows(labelled: readonly Labelled[]): readonly Labelled[] {
  if (labelled.length <= MOST_ROWS) return labelled;
  return randomStream(SEED, "rows of a head").shuffle(labelled).slice(0, MOST_ROWS);
}

/** What a head says about photographs. */
export class Guesses {
  readonly #classes: readonly string[];
  readonly #guesses = new Map<PhotoId, { readonly class: number; readonly probability: number; readonly uncertainty: number }>();

  constructor(classes: readonly string[]) {
    this.#classes = classes;
  }

  of(id: PhotoId): Guess | undefined {
    const found = this.#guesses.get(id);
    return found && { ...found, class: this.#classes[found.class] as string };
  }

  /** Takes the probabilities [ids, classes] of photographs. */
  add(ids: readonly PhotoId[], probabilities: Float32Array): void {
    const width = this.#classes.length;
    for (const [row, id] of ids.entries()) {
      let [best, next, label] = [-1, -1, 0];
      for (let column = 0; column < width; column++) {
        const value = probabilities[row * width + column]!;
        if (value > best) [best, next, label] = [value, best, column];
        else if (value > next) next = value;
      }
      this.#guesses.set(id, { class: label, probability: best, uncertainty: 1 - (best - next) });
    }
  }
}

/** The probabilities of classes, [rows, classes], for rows of features. */
export async function probabilitiesOf(model: LinearModel, features: Parameters<typeof predictLinear>[1]): Promise<Float32Array> {
  return softmaxRows(await predictLinear(model, features), model.bias.data.length);
}

/** What the head says about all photographs that have features. */
export async function guessAll(model: LinearModel, bank: FeatureBank, classes: readonly string[], signal?: AbortSignal): Promise<Guesses> {
  const guesses = new Guesses(classes);
  const { photographs } = bank;
  const count = photographs.length;
  for (let start = 0; start < count; start += BLOCK) {
    signal?.throwIfAborted();
    const end = Math.min(count, start + BLOCK);
    guesses.add(photographs.slice(start, end), await probabilitiesOf(model, bank.slice(start, end)));
  }
  return guesses;
}
