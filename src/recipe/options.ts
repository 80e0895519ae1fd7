// What a user may say about a run. thaw makes the choices that are left out, or takes them from the recipe file to repeat.

import type { Store, StoredFile } from "../core/store/store.ts";
import type { FileTree } from "../data/files/file-tree.ts";
import type { FromCsvOptions } from "../data/image-data.ts";
import type { PartNames } from "../data/sources/layout.ts";
import type { DeviceName } from "../learner/device/resolve-device.ts";
import type { RecipeChoices } from "./choices/choice-table.ts";
import type { RecipeEvent } from "./events.ts";

/** How to read a table of labels. */
export type LabelTableOptions = Pick<
  FromCsvOptions,
  "suffix" | "skipHeader" | "separator" | "catSeparator" | "labelColumns" | "continuous" | "multiLabel" | "valIdxs"
>;

export interface TrainOptions extends RecipeChoices {
  /** Folder or tree of files of the photographs: train/<class> and valid/<class>, or one folder per class; with `csv`, the folder that its names lie in. */
  readonly folder: string | FileTree;
  /** Names of the folders of parts, where they are not the usual ones. */
  readonly parts?: PartNames | undefined;
  /** Table of the photographs' names and labels, a path from here or from the folder; cells may hold several labels, or numbers. */
  readonly csv?: string | undefined;
  /** How to read the table. */
  readonly table?: LabelTableOptions | undefined;
  /** A recipe to repeat, a file or a value in a store; choices that are given precede its own. */
  readonly recipe?: string | StoredFile | undefined;
  /** Resumes the run that was stopped, if there is one. */
  readonly resume?: boolean | undefined;
  /** Seconds that the run should take at most: stages are shortened or left out according to measured speeds. */
  readonly time?: number | undefined;
  /** Seconds between two writes of what `resume` needs; default 30. */
  readonly checkpointSeconds?: number | undefined;
  /** Where to compute: "cpu" (default in Node), "wasm", "webgpu", or "auto" for the faster. Devices round differently. */
  readonly device?: DeviceName | undefined;
  /** Downloads nothing. */
  readonly offline?: boolean | undefined;
  /** Folder or store of activations and of what is known about the images; default ".thaw/<name>" beside the photographs. */
  readonly cache?: string | Store | undefined;
  /** Folder or store of the model; default "<folder>-model". A run whose model goes into a store is kept in the cache until it ends. */
  readonly out?: string | Store | undefined;
  /** Overwrites an existing model; otherwise one that exists is an error. */
  readonly force?: boolean | undefined;
  /** Writes the page about the run, report.html, beside the model; default true in Node, false in a browser, where `writeReport` can do so later. */
  readonly report?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What happens, as it happens; `train` resolves to the last event. */
  readonly onEvent?: ((event: RecipeEvent) => void) | undefined;
}
