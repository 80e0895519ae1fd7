// Where a run reads and writes in a browser: in the origin's own storage, unless the user gives stores.

import { storage } from "#storage";
import { UsageError } from "../core/errors.ts";
import { fileName } from "../core/file-name.ts";
import { pageProcesses } from "../core/processes.browser.ts";
import { takeLock } from "../core/store/lock.ts";
import type { Store } from "../core/store/store.ts";
import { storeOf } from "../core/store/store-of.ts";
import { PixelMemory } from "../data/load/pixel-memory.ts";
import { checkEmpty, type PlaceOptions, type RunPlaces, unfinishedIn } from "./places.ts";

// As in database.browser.ts, the parts of the platform that are needed here.
interface Platform {
  readonly navigator: { readonly hardwareConcurrency?: number };
}

export const places: RunPlaces = {
  report: false,
  cores: () => (globalThis as unknown as Platform).navigator.hardwareConcurrency ?? 1,
  absolute: () => ({}),
  async choose(options) {
    const { folder, cache = storage.cacheFor(pathOf(folder)) } = options;
    await places.checkFree(options);
    const model = modelOf(options);
    const common = { model, cache, photographs: pathOf(folder) };
    if (typeof options.out === "object") return { ...common, ...unfinishedIn(storeOf(cache), model) };
    const unfinished = `${nameOf(options)}.unfinished`;
    return { ...common, unfinished: storage.open(unfinished), best: storage.open(`${unfinished}/best`) };
  },
  checkFree: (options) => checkEmpty(modelOf(options), options),
  async lock({ model, unfinished }) {
    const taken = await takeLock(unfinished, await pageProcesses());
    if ("release" in taken) return taken;
    throw new UsageError(
      `Another run makes ${model.locate()}, in a tab or worker of this page that was opened at ${taken.holder.started}`,
      "Wait until it is done, close that tab, or choose another place (out).",
    );
  },
  pixels: () => new PixelMemory(),
  photographsOf: () => undefined,
};

function pathOf(folder: PlaceOptions["folder"]): string {
  return typeof folder === "string" ? folder : folder.path;
}

function modelOf(options: PlaceOptions): Store {
  return typeof options.out === "object" ? options.out : storage.open(nameOf(options));
}

/** The name in the origin's storage of a model that goes there. */
function nameOf({ folder, out }: PlaceOptions): string {
  return typeof out === "string" ? out : `${fileName(pathOf(folder))}-model`;
}
