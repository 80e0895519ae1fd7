// Where a run reads and writes in Node: the model and the cache lie beside the data unless the user says otherwise.

import { existsSync, lstatSync, realpathSync } from "node:fs";
import { access, constants, rmdir, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { cacheFor, elsewhereWarning } from "../core/cache-folder.node.ts";
import { UsageError } from "../core/errors.ts";
import { processes } from "../core/processes.node.ts";
import { shownPath } from "../core/shown-path.node.ts";
import { diskStore } from "../core/store/disk.node.ts";
import { type Lock, takeLock } from "../core/store/lock.ts";
import { isS3Address } from "../core/store/s3/address.ts";
import { storeOf } from "../core/store/store-of.ts";
import { files } from "../data/files/files.node.ts";
import { PixelFile } from "../data/load/pixel-file.node.ts";
import { checkEmpty, type PlaceOptions, type Places, type RunPlaces, unfinishedIn } from "./places.ts";
import { isOnnx } from "./plan/networks.ts";

export const places: RunPlaces = {
  report: true,
  cores: availableParallelism,
  absolute: ({ arch, weights }) => ({
    ...(arch !== undefined && { arch: [arch].flat().map((name) => (isOnnx(name) ? resolve(name) : name)) }),
    ...(weights !== undefined && { weights: [weights].flat().map((name) => (name !== "" && existsSync(name) ? resolve(name) : name)) }),
  }),
  choose: choosePlaces,
  async checkFree(options) {
    if (typeof options.out === "object") return checkEmpty(options.out, options);
    return checkFree(modelFolder(options), options);
  },
  lock: lockRun,
  pixels: (cache) => (typeof cache === "string" && !isS3Address(cache) ? new PixelFile(cache) : undefined),
  photographsOf: (model, recorded) => files.tree(isS3Address(recorded) ? recorded : resolve(followed(model), recorded)),
};

async function choosePlaces(options: PlaceOptions): Promise<Places> {
  await places.checkFree(options);
  const { folder, out, cache } = options;
  const data = typeof folder === "string" ? files.resolve(folder) : folder.path;
  const chosen = typeof cache === "string" ? files.resolve(cache) : (cache ?? cacheFor(data));
  const warning = typeof chosen === "string" && cache === undefined ? elsewhereWarning(data, chosen) : undefined;
  if (typeof out === "object") return { model: out, ...unfinishedIn(storeOf(chosen), out), cache: chosen, photographs: data, warning };
  const model = modelFolder(options);
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
  const unfinished = `${model}.unfinished`;
  return {
    model: diskStore(model),
    unfinished: diskStore(unfinished),
    best: diskStore(join(unfinished, "best")),
    cache: chosen,
    // Relative, so that both can be moved together.
    photographs: typeof folder === "string" && !isS3Address(folder) ? relative(model, data) : data,
    warning,
  };
}

/** The folder of the model of a run whose model goes into a folder. */
function modelFolder({ folder, out }: PlaceOptions): string {
  const place = typeof folder === "string" ? folder : folder.path;
  // Of photographs elsewhere, the model goes into the current folder.
  const data = isS3Address(place) ? resolve(basename(place)) : resolve(place);
  return followed(files.resolve(typeof out === "string" ? out : join(dirname(data), `${basename(data)}-model`)));
}

/** The folder that `place` leads to if it is a link: a run is locked beside the model, and two names of one folder must not be two locks. */
function followed(place: string): string {
  try {
    return lstatSync(place).isSymbolicLink() ? realpathSync(place) : place;
  } catch {
    // There is nothing yet.
    return place;
  }
}

async function checkFree(model: string, { force, resume }: PlaceOptions): Promise<void> {
  const found = await stat(model).catch(() => undefined);
  if (found && !found.isDirectory())
    throw new UsageError(`${shownPath(model)} is a file, so no model can be saved there`, "Choose another folder with --out.");
  if (found && !force && !resume)
    throw new UsageError(`${shownPath(model)} already exists`, "Choose another folder with --out, or overwrite it with --force.");
}

/**
 * Takes the lock of a run. To release it deletes the run's folder, and the folders that were made for it, if nothing else is in them.
 */
async function lockRun({ model, unfinished }: Places): Promise<Lock> {
  const parents = await missingParents(model.locate());
  const taken = await takeLock(unfinished, processes);
  if ("release" in taken) {
    return {
      async release() {
        await taken.release();
        // Each of them stays if something is in it: a run to resume, or the model.
        for (const folder of [unfinished.locate(), ...parents]) await rmdir(folder).catch(() => {});
      },
    };
  }
  const { pid, host, started } = taken.holder;
  const here = host === processes.own.host;
  throw new UsageError(
    `Another run makes ${model.locate()}: process ${pid}${here ? "" : ` on ${host}`}, which started at ${started}`,
    here
      ? "Wait until it is done, stop it, or choose another folder with --out."
      : `Wait until it is done, or choose another folder with --out. If that process no longer runs, delete ${unfinished.locate(taken.key)}.`,
  );
}

/** The folders above `path` that do not exist, the deepest first. */
async function missingParents(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = dirname(path); !(await stat(folder).catch(() => undefined)) && folder !== dirname(folder); folder = dirname(folder))
    missing.push(folder);
  return missing;
}
