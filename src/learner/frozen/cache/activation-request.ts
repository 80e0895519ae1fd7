// A request for the activations of a part of a data set at a freeze point, in one precision and with or without a draw.

import type { WorkOptions } from "../../../core/progress.ts";
import type { Store } from "../../../core/store/store.ts";
import type { Part } from "../../../data/dataset/dataset.ts";
import type { ImageClassifierData } from "../../../data/image-data.ts";
import type { FrozenPart } from "../frozen-part.ts";
import type { Draw } from "./entry.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { type Activations, openActivations, type Share } from "./open.ts";

const NAMES = { train: "training", valid: "validation", test: "test" } as const;

/** A freeze point on a data set, and where its activations are stored. */
export interface FreezePoint {
  readonly data: ImageClassifierData;
  readonly cache: Store;
  readonly network: string;
  /** The first layer group right of the cut, and the last stage left of it. */
  readonly group: number;
  readonly stage: string;
  /** Memory that all activations of the freeze point share. */
  readonly budget: MemoryBudget;
  /** The share of what is missing that this process computes; default all. */
  readonly share?: Share | undefined;
}

/** The images of a part through a frozen part, with the validation transform or a draw of the training transform. */
export interface ActivationRequest {
  readonly part: Part;
  readonly frozen: FrozenPart;
  readonly precision: "fp32" | "int8";
  readonly draw?: Draw | undefined;
}

/** The activations, computed if the cache lacks some. Throws as `openActivations` does. */
export function openRequested(
  { data, cache, network, group, stage, budget, share }: FreezePoint,
  { part, frozen, precision, draw }: ActivationRequest,
  work: WorkOptions,
): Promise<Activations> {
  const { mean, std } = data.tfms;
  return openActivations({
    ...work,
    items: data[part],
    spec: draw ? data.tfms.train : data.tfms.valid,
    draw,
    frozen,
    cache,
    metadata: { data: data.path, part, network, group, stage, precision, mean, std },
    budget,
    share,
    task: `Computing activations of ${draw ? `view ${draw.epoch + 1} of ` : ""}the ${NAMES[part]} images`,
  });
}

/** The same for requests with the same answer. */
export function requestKey({ part, frozen, draw }: ActivationRequest): string {
  return JSON.stringify([part, frozen.key, draw]);
}
