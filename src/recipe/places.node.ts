// Where a run writes: the model and the cache lie beside the data unless the user says otherwise.

import { access, constants, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { cacheFor, elsewhereWarning } from "../core/cache-folder.node.ts";
import { UsageError } from "../core/errors.ts";
import { processes } from "../core/processes.node.ts";
import type { Warning } from "../core/progress.ts";
import { shownPath } from "../core/shown-path.node.ts";
import { diskStore } from "../core/store/disk.node.ts";
import { type Lock, takeLock } from "../core/store/lock.ts";
import type { Store } from "../core/store/store.ts";
import type { TrainOptions } from "./options.ts";

export interface Places {
  /** The model's folder. */
  readonly model: string;
  /** The folder of activations and of what is known about the images. */
  readonly cache: string;
  /** Set if nothing can be written beside the photographs. */
  readonly warning?: Warning | undefined;
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
  await checkFree(model, { force, resume });
  await access(dirname(model), constants.W_OK).catch((error) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // It is created with the model.
    throw new UsageError(
      `Cannot write to ${shownPath(dirname(model))}, so no model can be saved there`,
      "Choose another folder with --out.",
      {
        cause: error,
      },
    );
  });
  if (cache !== undefined) return { model, cache: resolve(cache) };
  const chosen = cacheFor(data);
  return { model, cache: chosen, warning: elsewhereWarning(data, chosen) };
}

/** Throws a UsageError if `model` exists, without `force` or `resume`. */
export async function checkFree(model: string, { force, resume }: Pick<TrainOptions, "force" | "resume">): Promise<void> {
  const found = await stat(model).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new UsageError(`${shownPath(model)} is a file, so no model can be saved there`, "Choose another folder with --out.");
  if (found && !force && !resume)
    throw new UsageError(`${shownPath(model)} already exists`, "Choose another folder with --out, or overwrite it with --force.");
}

/** The store of a run that has not ended, in a folder beside its model's. */
export function resumeStore(model: string): Store {
  return diskStore(`${model}.unfinished`);
}

/**
 * Takes the lock of the run that makes `model`. Throws a UsageError that names the process if another one makes it now. To release it deletes
 * the run's folder, and the folders that were made for it, if nothing else is in them.
 */
export async function lockRun(model: string): Promise<Lock> {
  const store = resumeStore(model);
  const parents = await missingParents(model);
  const taken = await takeLock(store, processes);
  if ("release" in taken) {
    return {
      async release() {
        await taken.release();
        // Each of them stays if something is in it: a run to resume, or the model.
        for (const folder of [store.locate(), ...parents]) await rmdir(folder).catch(() => {});
      },
    };
  }
  const { pid, host, started } = taken.holder;
  const here = host === processes.own.host;
  throw new UsageError(
    `Another run makes ${model}: process ${pid}${here ? "" : ` on ${host}`}, which started at ${started}`,
    here
      ? "Wait until it is done, stop it, or choose another folder with --out."
      : `Wait until it is done, or choose another folder with --out. If that process no longer runs, delete ${store.locate(taken.key)}.`,
  );
}

/** The folders above `path` that do not exist, the deepest first. */
async function missingParents(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = dirname(path); !(await stat(folder).catch(() => undefined)) && folder !== dirname(folder); folder = dirname(folder))
    missing.push(folder);
  return missing;
}
