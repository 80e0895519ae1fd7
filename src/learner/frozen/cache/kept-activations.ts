// The activations of one data set at one freeze point, as far as they were asked for: by part of the data, precision and draw.

import { UsageError } from "../../../core/errors.ts";
import type { WorkOptions } from "../../../core/progress.ts";
import type { Part } from "../../../data/dataset.ts";
import type { ImageClassifierData } from "../../../data/image-data.ts";
import type { FrozenPart } from "../frozen-part.ts";
import type { Draw } from "./entry.ts";
import { ChunkRoom } from "./memory-budget.ts";
import { type Activations, openActivations } from "./open.ts";

const NAMES = { train: "training", valid: "validation", test: "test" } as const;

export interface KeptOptions {
  readonly data: ImageClassifierData;
  /** The cache folder. */
  readonly folder: string;
  readonly network: string;
  /** The first layer group right of the cut, and the last stage left of it. */
  readonly group: number;
  readonly stage: string;
}

/** What to keep: the images of a part, through a frozen part, with the validation transform or a draw of the training transform. */
export interface Wanted {
  readonly part: Part;
  readonly frozen: FrozenPart;
  readonly precision: "fp32" | "int8";
  readonly draw?: Draw | undefined;
}

export class KeptActivations {
  readonly #options: KeptOptions;
  readonly #room = new ChunkRoom();
  readonly #open = new Map<string, Activations>();
  /** Names of those that could not be kept, though they need not be. */
  readonly #without = new Set<string>();

  constructor(options: KeptOptions) {
    this.#options = options;
  }

  /** The activations, computed where the cache lacks some. Throws as `openActivations` does. */
  async get({ part, frozen, precision, draw }: Wanted, work: WorkOptions): Promise<Activations> {
    const { data, folder, network, group, stage } = this.#options;
    const name = nameOf({ part, frozen, precision, draw });
    const known = this.#open.get(name);
    if (known) return known;
    const { mean, std } = data.tfms;
    const opened = await openActivations({
      ...work,
      items: data[part],
      spec: draw ? data.tfms.train : data.tfms.valid,
      draw,
      frozen,
      folder,
      about: { data: data.path, part, network, group, stage, precision, mean, std },
      room: this.#room,
      task: `Computing activations of ${draw ? `view ${draw.epoch + 1} of ` : ""}the ${NAMES[part]} images`,
    });
    this.#open.set(name, opened);
    return opened;
  }

  /** As `get`, but undefined where the cache has no room for them or cannot be written: images do as well. */
  async getIfPossible(wanted: Wanted, work: WorkOptions): Promise<Activations | undefined> {
    const name = nameOf(wanted);
    if (this.#without.has(name)) return undefined;
    try {
      return await this.get(wanted, work);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#without.add(name);
      return undefined;
    }
  }
}

function nameOf({ part, frozen, draw }: Wanted): string {
  return JSON.stringify([part, frozen.key, draw]);
}
