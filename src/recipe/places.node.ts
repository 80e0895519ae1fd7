// Where a run writes: the model and the cache lie beside the data unless the user says otherwise.

import { access, constants, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { cacheBeside } from "../core/cache-folder.node.ts";
import { UsageError } from "../core/errors.ts";
import { diskStore } from "../core/store/disk.node.ts";
import type { TrainOptions } from "./options.ts";
import type { ResumeStore } from "./run/resume-folder.ts";

export interface Places {
  /** The model's folder. */
  readonly model: string;
  /** The folder of activations and of what is known about the images. */
  readonly cache: string;
}

/**
 * The places of a run on `folder`. Throws a UsageError if the model's folder exists, without `force` or `resume`, or its parent is not
 * writable.
 */
export async function choosePlaces(
  folder: string,
  { out, cache, force, resume }: Pick<TrainOptions, "out" | "cache" | "force" | "resume">,
): Promise<Places> {
  const data = resolve(folder);
  const model = resolve(out ?? join(dirname(data), `${basename(data)}-model`));
  const found = await stat(model).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new UsageError(`${model} is a file, so no model can be saved there`, "Choose another folder with --out.");
  if (found && !force && !resume)
    throw new UsageError(`${model} already exists`, "Choose another folder with --out, or overwrite it with --force.");
  await access(dirname(model), constants.W_OK).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // It is created with the model.
    throw new UsageError(`Cannot write to ${dirname(model)}, so no model can be saved there`, "Choose another folder with --out.", {
      cause: error,
    });
  });
  return { model, cache: cache === undefined ? cacheBeside(data) : resolve(cache) };
}

/** The store of a run that has not ended, in a folder beside its model's. */
export function resumeStore(model: string): ResumeStore {
  const folder = `${model}.unfinished`;
  return { ...diskStore(folder), deleteAll: () => rm(folder, { recursive: true, force: true }) };
}
