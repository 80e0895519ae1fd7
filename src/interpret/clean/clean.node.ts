// Cleans a folder of photographs by a list of changes: wrong labels are corrected, and what does not belong is taken out. All changes are
// checked before the first is made, nothing is overwritten, and what is taken out is kept: fastai's ImageCleaner, without a window.

import { readdir, rename, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { ensureFolder } from "../../core/files.node.ts";
import { writeError } from "../../core/system-error.ts";

/** The change that takes a photograph out. */
export const DELETE = "delete";

/** What should happen to a photograph. */
export interface LabelChange {
  /** Path relative to the data's folder, whose last folder is the class. */
  readonly file: string;
  /** The class that is right, or "delete". */
  readonly change: string;
}

/** A photograph to move; both paths are absolute. */
export interface CleaningStep {
  readonly change: LabelChange;
  readonly from: string;
  readonly to: string;
}

/**
 * The steps that make `changes` in `folder`, without making them; photographs that are taken out go to the folder `removed`. Throws a UsageError
 * for a photograph that is not there, a class without a folder, a place that is taken, and a photograph that is named twice.
 */
export async function planCleaning(folder: string, changes: readonly LabelChange[], removed: string): Promise<readonly CleaningStep[]> {
  const root = resolve(folder);
  const taken = new Set<string>();
  const steps: CleaningStep[] = [];
  for (const change of changes) {
    const from = resolve(root, change.file);
    const part = dirname(dirname(from));
    if (!from.startsWith(root + sep) || (part !== root && !part.startsWith(root + sep)))
      throw new UsageError(`${change.file} is not a photograph of a class in ${folder}`, CHECK_LIST);
    if (!(await isFile(from))) throw new UsageError(`${change.file} is not in ${folder}`, CHECK_LIST);
    const to = change.change === DELETE ? join(resolve(removed), relative(root, from)) : await placeOf(from, part, change);
    if (taken.has(from) || taken.has(to)) throw new UsageError(`Two changes concern ${change.file}`, CHECK_LIST);
    if (await exists(to)) throw new UsageError(`Cannot move ${change.file}: ${to} exists already`, "Rename one of the two.");
    taken.add(from).add(to);
    steps.push({ change, from, to });
  }
  return steps;
}

/** Makes the steps, one after the other. Throws a UsageError if the system refuses one; those before it stay made. */
export async function clean(steps: readonly CleaningStep[]): Promise<void> {
  for (const { from, to } of steps) {
    try {
      await ensureFolder(dirname(to));
      await rename(from, to);
    } catch (error) {
      throw writeError(error, to);
    }
  }
}

const CHECK_LIST = "Correct the list; nothing was changed.";

async function placeOf(from: string, part: string, { file, change }: LabelChange): Promise<string> {
  const classes = (await readdir(part, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (!classes.includes(change))
    throw new UsageError(
      `"${change}", the change of ${file}, is neither "${DELETE}" nor a class that has a folder in ${part}`,
      `There are ${classes.sort().join(", ")}. ${CHECK_LIST}`,
    );
  return join(part, change, basename(from));
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
