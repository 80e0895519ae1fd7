// The freeze point: the layer groups that train, and whether the activations of those before them are cached.

import { expected, UsageError } from "../../core/errors.ts";
import type { Stage } from "../../nn/scope.ts";
import { cutNetwork, type Network } from "../network.ts";

/** The settings of a cut, as plain values. */
export interface CutSettings {
  /** The layer groups that train, in order. */
  readonly trained: readonly number[];
  readonly precompute: boolean;
  readonly precomputeViews: number;
  readonly bnFreeze: boolean;
}

export class Cut {
  /** Whether training uses cached activations. */
  precompute: boolean;
  /** Whether batch norm keeps its running statistics in layers that train. */
  bnFreeze = false;
  readonly #network: Network;
  #precomputeViews = 0;
  #trained: ReadonlySet<number>;

  /** Only the head trains. */
  constructor(network: Network, { precompute = false, precomputeViews = 0 }: { precompute?: boolean; precomputeViews?: number }) {
    this.#network = network;
    this.precompute = precompute;
    this.precomputeViews = precomputeViews;
    this.#trained = new Set([network.groups - 1]);
  }

  /** Augmented views of each training image that are cached; 0 for the plain image alone. */
  get precomputeViews(): number {
    return this.#precomputeViews;
  }

  set precomputeViews(views: number) {
    if (!Number.isInteger(views) || views < 0) throw expected("a whole number of at least 0", "precomputeViews", views);
    this.#precomputeViews = views;
  }

  /** The layer groups that train, in order; never none. */
  get trained(): readonly number[] {
    return [...this.#trained].sort((a, b) => a - b);
  }

  /** Trains `groups` alone. Throws a UsageError for a group that can only be frozen, naming the operator. */
  train(groups: Iterable<number>): void {
    const trained = new Set(groups);
    const { name, untrainable } = this.#network.architecture;
    const first = Math.min(...trained);
    if (untrainable && first < untrainable.from)
      throw new UsageError(
        `Layer group ${first} of ${name} can only be frozen: ${untrainable.reason}`,
        `Train what comes after it: freezeTo(${untrainable.from}).`,
      );
    this.#trained = trained;
  }

  trains(group: number): boolean {
    return this.#trained.has(group);
  }

  /** The first layer group that trains. */
  get first(): number {
    return Math.min(...this.#trained);
  }

  /** The stages right of the freeze point. */
  get stages(): readonly Stage[] {
    return cutNetwork(this.#network, (group) => this.trains(group)).trained;
  }

  /** The views of cached activations to train on; undefined to train on images. */
  get cached(): { readonly views: number } | undefined {
    return this.precompute ? { views: this.precomputeViews } : undefined;
  }

  get settings(): CutSettings {
    const { trained, precompute, precomputeViews, bnFreeze } = this;
    return { trained, precompute, precomputeViews, bnFreeze };
  }
}
