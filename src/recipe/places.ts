// Where a run reads and writes: the contract of both platforms ("#run-places").

import { UsageError } from "../core/errors.ts";
import type { Warning } from "../core/progress.ts";
import type { Lock } from "../core/store/lock.ts";
import type { Store } from "../core/store/store.ts";
import { within } from "../core/store/within.ts";
import type { TransformSpec } from "../data/augment/transforms.ts";
import type { KeptPixels } from "../data/dataset/kept-pixels.ts";
import type { FileTree } from "../data/files/file-tree.ts";
import type { RecipeChoices } from "./choices/choice-table.ts";
import type { TrainOptions } from "./options.ts";

export interface Places {
  readonly model: Store;
  /** The run, until it ends, and the best model of one that is stopped. */
  readonly unfinished: Store;
  readonly best: Store;
  /** Folder or store of activations and of what is known about the images. */
  readonly cache: string | Store;
  /** What the model's record calls the place of the photographs. */
  readonly photographs: string;
  /** Set if nothing can be written beside the photographs. */
  readonly warning?: Warning | undefined;
}

/** What of a run's options decides on its places. */
export type PlaceOptions = Pick<TrainOptions, "folder" | "out" | "cache" | "force" | "resume">;

/** Pixels that are kept while a run lasts. */
export interface PixelKeeper extends KeptPixels {
  /** From now on the pixels of `spec`, which has no chance, are wanted. */
  begin(spec: TransformSpec): Promise<void>;
  /** Deletes them. */
  close(): Promise<void>;
}

export interface RunPlaces {
  /** Whether a run writes its report unless it is told. */
  readonly report: boolean;
  /** Threads that the machine can run at once. */
  cores(): number;
  /** The choices that name files, as they hold wherever the run is resumed. */
  absolute(choices: RecipeChoices): RecipeChoices;
  /** The places of a run. Throws a UsageError if there is a model already, without `force` or `resume`, or none can be written. */
  choose(options: PlaceOptions): Promise<Places>;
  /** Throws a UsageError if there is a model already, without `force` or `resume`. */
  checkFree(options: PlaceOptions): Promise<void>;
  /** Takes the lock of the run in `places`. Throws a UsageError that says who has it. */
  lock(places: Places): Promise<Lock>;
  /** Where the pixels of the run's photographs are kept; in Node only if the cache lies on a disk of this machine. */
  pixels(cache: string | Store): PixelKeeper | undefined;
  /** The photographs of the model in the folder `model`, by what its record calls their place; undefined if that leads nowhere here. */
  photographsOf(model: string, recorded: string): FileTree | undefined;
}

/** Throws a UsageError if `model` holds something, without `force` or `resume`. */
export async function checkEmpty(model: Store, { force, resume }: Pick<PlaceOptions, "force" | "resume">): Promise<void> {
  if (force || resume || (await model.list("")).length === 0) return;
  throw new UsageError(`${model.locate()} already holds a model`, "Choose another place (out), or overwrite it (force).");
}

/** Where the run of a model in a store of its own is kept in the cache until it ends. */
export function unfinishedIn(cache: Store, model: Store): Pick<Places, "unfinished" | "best"> {
  const unfinished = within(cache, `unfinished/${encodeURIComponent(model.locate())}`);
  return { unfinished, best: within(unfinished, "best") };
}
