// Reads snapshots of a fit's cycles: the parameters of saved models, for the network that they came from.

import { WEIGHTS_FILE } from "../../classifier/format.ts";
import { expected, UsageError } from "../../core/errors.ts";
import type { StoreReader } from "../../core/store/store.ts";
import { readerOf } from "../../core/store/store-of.ts";
import { readSafetensors } from "../../nn/safetensors.ts";
import type { Parameters } from "../../nn/scope.ts";

/**
 * The parameters of the model in `place`, in the order and with the shapes of `like`, a learner's own. Throws a UsageError if there is
 * no model there, and for the parameters of another network.
 */
export async function loadSnapshot(place: string | StoreReader, like: Parameters): Promise<Parameters> {
  const reader = readerOf(place);
  const file = reader.locate(WEIGHTS_FILE);
  const unreadable = (cause?: unknown): UsageError =>
    new UsageError(`Cannot read the snapshot ${file}`, "Give a folder that a fit wrote: bestSaveName, or cycleSaveName.", { cause });
  const bytes = await reader.get(WEIGHTS_FILE).catch((cause) => {
    throw unreadable(cause);
  });
  if (!bytes) throw unreadable();
  const read = readSafetensors(bytes, file);
  return new Map(
    [...like].map(([name, { shape }]) => {
      const found = read.get(name);
      if (found?.shape.join() !== shape.join())
        throw expected(
          `${name} [${shape}]`,
          file,
          found ? [...found.shape] : "nothing",
          "Load it into a learner of the same network and classes.",
        );
      return [name, found] as const;
    }),
  );
}

/** The parameters at the end of cycle `cycle` (from 0) of a fit with `cycleSaveName: name`. Throws as loadSnapshot does. */
export function loadCycle(name: string, cycle: number, like: Parameters): Promise<Parameters> {
  return loadSnapshot(cycleFolder(name, cycle), like);
}

/** The folder of the snapshot at the end of cycle `cycle` (from 0). */
export function cycleFolder(name: string, cycle: number): string {
  return `${name}_cyc_${cycle}`;
}
