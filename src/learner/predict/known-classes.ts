// Fits what a model knows of its classes' photographs, so that it can say "none of these": on features of the training images, with a limit
// from validation images.

import type { KnownClasses } from "../../classifier/known.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { randomStream } from "../../core/random.ts";
import type { Item } from "../../data/dataset/items.ts";
import { distancesToKnown, fitDistanceLimit, fitKnownClasses } from "../../metrics/known.ts";
import type { InputBatch } from "../frozen/batches.ts";
import type { FrozenPart } from "../frozen/frozen-part.ts";
import type { LearnerState } from "../state/learner-state.ts";

/** What was fitted, and what it does to images of the learner's own data. */
export interface KnownFit {
  readonly known: KnownClasses;
  /** The distance up to which the share `keep` of the validation images lies. */
  readonly limit: number;
  readonly keep: number;
  /** The share of validation images within a limit that was fitted to the others: each half is measured with the limit of the other. */
  readonly kept: number;
  /**
   * The share of validation images of a class that are turned away by what is known of the other classes, each class in turn: what to expect
   * of pictures that are much like the known ones.
   */
  readonly newClass: number;
}

/** More training images than this tell no more; fewer validation images than this tell no limit. */
const [MOST_TRAINED, FEWEST_VALID] = [2000, 20];
/** Classes that are left out in turn, at most; and fewer, but at least some, if all of them would take more products than this. */
const [MOST_LEFT_OUT, FEWEST_LEFT_OUT, PRODUCTS] = [20, 8, 1e10];

/** A part of the rows. */
interface Rows {
  readonly values: Float32Array;
  readonly labels: readonly number[];
}

/** Why nothing can be fitted to the data of `state`; undefined if it can. */
function obstacle({ data }: LearnerState, frozen: FrozenPart): string | undefined {
  if (frozen.itemShape.length !== 1) return "its head takes more than one vector of each image";
  if (data.valid.length < FEWEST_VALID) return `there are fewer than ${FEWEST_VALID} validation images`;
  const counts = data.classes.map((_, label) => data.train.filter((item) => item.label === label).length);
  if (Math.min(...counts) < 2) return "a class has fewer than two training images";
  return undefined;
}

/**
 * What is known of the classes of the learner's data under its present weights, or why that cannot be fitted. Training images have the
 * activations that the head trains on, which are cached, if need be of 8 bit; the limit is in full precision, as in the saved model.
 */
export async function fitKnown(state: LearnerState, keep: number, work: WorkOptions): Promise<KnownFit | { readonly reason: string }> {
  const { network, data, seed, weights, path } = state;
  const frozen = await path.open(network.groups - 1, weights.parameters);
  const reason = obstacle(state, frozen);
  if (reason !== undefined) return { reason };
  const order = data.train.length > MOST_TRAINED ? drawn(data.train, data.c, seed) : [...data.train.keys()];
  const pass = { order, epoch: 0, batchSize: data.bs, precompute: { views: 0 } };
  const width = frozen.itemShape[0] as number;
  const train = await rowsOf(await path.trainBatches(frozen, pass, work), data.train, order, width);
  const valid = await rowsOf(await path.batches("valid", frozen, true, work), data.valid, [...data.valid.keys()], width);
  const known = fitKnownClasses(train.values, train.labels, data.c);
  const distances = distancesToKnown(valid.values, known);
  const halves = randomStream(seed, "halves").shuffle([...valid.labels.keys()]);
  const middle = Math.ceil(halves.length / 2);
  const [first, second] = [halves.slice(0, middle), halves.slice(middle)].map((rows) => rows.map((row) => distances[row]!)) as [
    number[],
    number[],
  ];
  const within = (some: readonly number[], others: readonly number[]): number =>
    some.filter((distance) => distance <= fitDistanceLimit(others, { keep })).length;
  return {
    known,
    limit: fitDistanceLimit(distances, { keep }),
    keep,
    kept: (within(first, second) + within(second, first)) / halves.length,
    newClass: turnedAway(train, valid, data.c, { keep, seed, work }),
  };
}

/** The indices of as many training images of each class, about MOST_TRAINED in all. */
function drawn(items: readonly Item[], classes: number, seed: number): readonly number[] {
  const each = Math.max(2, Math.ceil(MOST_TRAINED / classes));
  const taken = new Map<number, number>();
  return randomStream(seed, "known classes")
    .shuffle([...items.keys()])
    .filter((index) => {
      const { label } = items[index] as Item;
      const before = taken.get(label) ?? 0;
      taken.set(label, before + 1);
      return before < each;
    });
}

/** The features of the images of `order` among `items`, in that order. */
async function rowsOf(batches: AsyncIterable<InputBatch>, items: readonly Item[], order: readonly number[], width: number): Promise<Rows> {
  const values = new Float32Array(order.length * width);
  let at = 0;
  for await (const { input } of batches) {
    values.set(input.data as Float32Array, at);
    at += input.data.length;
  }
  return { values, labels: order.map((index) => (items[index] as Item).label) };
}

/** The share of validation images that what is known of the other classes turns away. */
function turnedAway(
  train: Rows,
  valid: Rows,
  classes: number,
  { keep, seed, work }: { keep: number; seed: number; work: WorkOptions },
): number {
  const most = Math.min(MOST_LEFT_OUT, Math.max(FEWEST_LEFT_OUT, Math.floor(PRODUCTS / (valid.values.length * classes))));
  const present = new Set(valid.labels);
  const chosen = randomStream(seed, "left out")
    .shuffle(Array.from({ length: classes }, (_, label) => label))
    .filter((label) => present.has(label))
    .slice(0, most);
  let [away, all] = [0, 0];
  const report = (done: number): void =>
    work.onProgress?.({ task: "Leaving classes out in turn", done, total: chosen.length, unit: "classes" });
  for (const [done, left] of chosen.entries()) {
    work.signal?.throwIfAborted();
    report(done);
    const others = select(train, (label) => label !== left);
    const known = fitKnownClasses(
      others.values,
      others.labels.map((label) => (label > left ? label - 1 : label)),
      classes - 1,
    );
    const near = select(valid, (label) => label !== left);
    const strange = select(valid, (label) => label === left);
    if (near.labels.length === 0) continue;
    const limit = fitDistanceLimit(distancesToKnown(near.values, known), { keep });
    away += distancesToKnown(strange.values, known).filter((distance) => distance > limit).length;
    all += strange.labels.length;
  }
  report(chosen.length);
  return away / all;
}

function select({ values, labels }: Rows, test: (label: number) => boolean): Rows {
  const width = values.length / labels.length;
  const rows = [...labels.keys()].filter((row) => test(labels[row] as number));
  const selected = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) selected.set(values.subarray(row * width, (row + 1) * width), i * width);
  return { values: selected, labels: rows.map((row) => labels[row] as number) };
}
