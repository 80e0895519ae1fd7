// Decides whether the frozen part feeds training in 8 bit. Each requested decision is reported, with the difference it makes.

import * as v from "valibot";
import { expected } from "../../core/errors.ts";
import { hashJson } from "../../core/hash.ts";
import { parseJsonOrNothing } from "../../core/json.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { randomStream } from "../../core/random.ts";
import type { Store } from "../../core/store/store.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { TransformSpec } from "../../data/augment/transforms.ts";
import type { ScannedItem } from "../../data/dataset/items.ts";
import { loadBatches } from "../../data/load/loader.ts";
import type { Graph } from "../../graph/types.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { defaultDevice } from "../../runtime/session.ts";
import { type ActivationRanges, collectRanges } from "./ranges.ts";
import { failOnUnreadable } from "./unreadable.ts";

/** "auto" is 8 bit if that saves time; like "int8" it stays in full precision if the features would differ too much. */
export type Precision = "fp32" | "int8" | "auto";

/** What was decided for the frozen part, and why. */
export interface PrecisionChoice {
  readonly precision: "fp32" | "int8";
  /** How far the 8-bit features of `images` training images are from full precision: `featureDifference`, 0 for equal. */
  readonly difference: number;
  /** The largest difference that is accepted. */
  readonly limit: number;
  readonly images: number;
}

export interface PrecisionOptions extends WorkOptions {
  readonly precision: Precision;
  readonly items: readonly ScannedItem[];
  /** Without chance: the validation transform. */
  readonly spec: TransformSpec;
  /** The frozen part in full precision, and the name of the function it computes. */
  readonly graph: Graph;
  readonly key: string;
  readonly seed: number;
  readonly session: SessionOptions;
  /** Stores the ranges. */
  readonly cache: Store;
}

/** Fewer training images than this take less time than collecting ranges. */
const PAYS_FROM = 500;
/** Images whose ranges are taken, images that the result is checked on, and how many go through the network at once: more take memory. */
const [OBSERVED, CHECKED, BATCH] = [32, 16, 4];
/** bench/results/quantization.md: heads lose nothing measurable up to 0.3, and one point at 0.5. */
export const LARGEST_DIFFERENCE = 0.35;
/** Part of the ranges' key; raise it when their numbers change. */
const METHOD = 3;

/** The ranges to use and the decision; undefined if full precision was requested, or is faster. */
export async function choosePrecision(
  options: PrecisionOptions,
): Promise<{ ranges: ActivationRanges; choice: PrecisionChoice } | undefined> {
  const { precision, items, session } = options;
  const device = session.device ?? (await defaultDevice());
  checkPrecision(precision, { device });
  if (precision === "fp32" || device !== "cpu" || (precision === "auto" && items.length < PAYS_FROM)) return undefined;
  const images = randomStream(options.seed, "calibration")
    .shuffle([...items.keys()])
    .slice(0, OBSERVED + CHECKED);
  const ranges = await rangesFor(options, images);
  const { difference } = ranges;
  const accepted = difference <= LARGEST_DIFFERENCE;
  const checked = images.length - observedOf(images.length);
  return { ranges, choice: { precision: accepted ? "int8" : "fp32", difference, limit: LARGEST_DIFFERENCE, images: checked } };
}

/** Throws a UsageError for "int8" on another device than the CPU. */
export function checkPrecision(precision: Precision, { device = "cpu" }: SessionOptions): void {
  if (precision === "int8" && device !== "cpu")
    throw expected('"fp32" or "auto"', `the precision on ${device}`, precision, "8 bit is for the CPU alone.");
}

/** From the cache if they were collected before, so that a resumed run computes the same integers. */
async function rangesFor(options: PrecisionOptions, images: readonly number[]): Promise<ActivationRanges> {
  const { items, spec, key, cache } = options;
  const name = hashJson({ method: METHOD, frozen: key, spec, images: images.map((image) => items[image]?.hash) });
  const file = `calibration/${name}.json`;
  const kept = await cache.get(file).then(parse, () => undefined);
  if (kept) return kept;
  const batches = await load(options, images);
  const observed = observedOf(images.length) / BATCH;
  const made = await collectRanges(
    options.graph,
    { observed: batches.slice(0, Math.ceil(observed)), checked: batches.slice(Math.ceil(observed)) },
    options.session,
  );
  await cache.put(file, JSON.stringify({ ...made, ranges: [...made.ranges], means: [...made.means] }));
  return made;
}

/** If too few images are left to check on, the last one is, and all others are observed. */
function observedOf(images: number): number {
  return Math.min(OBSERVED, Math.max(1, images - 1));
}

const rangesSchema = v.object({
  difference: v.pipe(v.number(), v.minValue(0)),
  ranges: v.array(v.tuple([v.string(), v.tuple([v.number(), v.number()])])),
  means: v.array(v.tuple([v.string(), v.array(v.number())])),
});

function parse(bytes: Uint8Array | undefined): ActivationRanges | undefined {
  const found = v.safeParse(rangesSchema, parseJsonOrNothing(bytes, { bytes: 16_000_000 }));
  return found.success
    ? { difference: found.output.difference, ranges: new Map(found.output.ranges), means: new Map(found.output.means) }
    : undefined;
}

async function load(options: PrecisionOptions, images: readonly number[]): Promise<readonly Tensor[]> {
  const { items, spec, signal, onProgress } = options;
  const batches: Tensor[] = [];
  const observed = observedOf(images.length);
  for (const order of [images.slice(0, observed), images.slice(observed)]) {
    for await (const batch of loadBatches({ items, spec, batchSize: BATCH, order, seed: 0, epoch: 0, signal })) {
      failOnUnreadable(items, batch.failed);
      batches.push(batch.pixels);
      onProgress?.({
        task: "Calibrating 8 bit",
        done: Math.min(batches.length * BATCH, images.length),
        total: images.length,
        unit: "images",
      });
    }
  }
  return batches;
}
