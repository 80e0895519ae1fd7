// What a user may say about a run. thaw makes the choices that are left out, or takes them from the recipe file to repeat.

import type { FromCsvOptions } from "../data/image-data.ts";
import type { PartNames } from "../data/sources/layout.ts";
import type { RecipeChoices } from "./choices/choice-table.ts";
import type { RecipeEvent } from "./events.ts";

/** How to read a table of labels. */
export type LabelTableOptions = Pick<
  FromCsvOptions,
  "suffix" | "skipHeader" | "separator" | "catSeparator" | "labelColumns" | "continuous" | "multiLabel" | "valIdxs"
>;

export interface TrainOptions extends RecipeChoices {
  /** Folder of the photographs: train/<class> and valid/<class>, or one folder per class; with `csv`, the folder that its names lie in. */
  readonly folder: string;
  /** Names of the folders of parts, where they are not the usual ones. */
  readonly parts?: PartNames | undefined;
  /** Table of the photographs' names and labels, a path from here or from the folder; cells may hold several labels, or numbers. */
  readonly csv?: string | undefined;
  /** How to read the table. */
  readonly table?: LabelTableOptions | undefined;
  /** A recipe file to repeat; choices that are given precede its own. */
  readonly recipe?: string | undefined;
  /** Resumes the run that was stopped, if there is one. */
  readonly resume?: boolean | undefined;
  /** Seconds that the run should take at most: stages are shortened or left out according to measured speeds. */
  readonly time?: number | undefined;
  /** Seconds between two writes of what `resume` needs; default 30. */
  readonly checkpointSeconds?: number | undefined;
  /** Downloads nothing. */
  readonly offline?: boolean | undefined;
  readonly cache?: string | undefined;
  readonly out?: string | undefined;
  /** Overwrites an existing model folder; otherwise one that exists is an error. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What happens, as it happens; `train` resolves to the last event. */
  readonly onEvent?: ((event: RecipeEvent) => void) | undefined;
}
