// What `thaw features` prints. Pure but for what runs thaw here.

import type { RecipeChoices } from "../../recipe/choices/choice-table.ts";
import { nextCommand } from "../shared/next-command.ts";
import { type PartFlags, partWords } from "../shared/photographs/parts.ts";

/** What a run of training has to have in common with the computed features. */
export interface FeatureChoices extends PartFlags {
  out: string;
  arch?: string;
  weights?: string;
  size?: number;
  seed?: number;
  precision?: NonNullable<RecipeChoices["precision"]>;
}

/** The command that trains on what was computed from the photographs in `folder`: with every choice that its cache depends on. */
export function trainCommand(folder: string, flags: FeatureChoices): string {
  const { arch, weights, size, seed, precision, out } = flags;
  const chosen = Object.entries({ arch, weights, size, seed, precision, cache: out });
  const words = chosen.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, `${value}`]));
  return nextCommand("train", folder, ...partWords(flags), ...words);
}
