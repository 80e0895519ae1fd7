// Stores an unfinished fit in a file from which it resumes bit for bit. Random streams need no state in it: each is keyed by the number of its
// epoch or step (src/core/random.ts).

import { UsageError } from "../../core/errors.ts";
import type { StoredFile } from "../../core/store/store.ts";
import type { Tensor } from "../../core/tensor.ts";
import { readMetadata, readSafetensors, writeSafetensors } from "../../nn/safetensors.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { TrainerState } from "../step/trainer.ts";
import type { CallbackState } from "./callback.ts";
import type { FitProgress } from "./progress.ts";

/** The stored state of a fit. */
export interface FitCheckpoint {
  readonly progress: FitProgress;
  /** Whether the fit is over. */
  readonly done: boolean;
  /** The parameters that the fit changes, as they are now. */
  readonly changed: Parameters;
  /** The same after the best epoch; empty before the first. */
  readonly best: Parameters;
  /** The optimiser's state. */
  readonly trainer: TrainerState;
  /** The state of each callback, in their order. */
  readonly callbacks: readonly (CallbackState | undefined)[];
}

/** A fit's checkpoint file. */
export interface CheckpointFile {
  /** The checkpoint that an earlier process wrote. */
  readonly stored: FitCheckpoint | undefined;
  /** Whether it is time to write again. */
  due(): boolean;
  write(checkpoint: FitCheckpoint): Promise<void>;
}

/** Writing takes at most one part in this many of a fit's time. */
const SHARE = 20;

/**
 * Opens the checkpoint of the fit with the fingerprint `fit`, to be written every `seconds` seconds, or less often if writing takes long; 0
 * writes after each step. Throws a UsageError for the checkpoint of another fit, and for a damaged file.
 */
export async function openCheckpoint({ store, key }: StoredFile, fit: string, seconds: number): Promise<CheckpointFile> {
  const [bytes, path] = [await store.get(key), store.locate(key)];
  const stored = bytes && parse(bytes, path);
  if (stored && stored.fit !== fit)
    throw new UsageError(
      `${path} is the checkpoint of another fit`,
      "Resume with the same data, network, weights, settings and seed, or delete the file to start over.",
    );
  let [written, cost] = [performance.now(), 0];
  return {
    stored: stored?.checkpoint,
    due: () => performance.now() - written >= (seconds === 0 ? 0 : Math.max(1000 * seconds, SHARE * cost)),
    async write(checkpoint) {
      const start = performance.now();
      await store.put(key, format(checkpoint, fit));
      written = performance.now();
      cost = written - start;
    },
  };
}

const KEY = "thaw fit";
/** Raised when a fit would not resume the same from an older file. */
const VERSION = 3;

type Values = Pick<FitCheckpoint, "progress" | "done"> & {
  readonly version: number;
  readonly fit: string;
  readonly steps: number;
  readonly callbacks: readonly (CallbackState["values"] | null)[];
};

function format({ progress, done, changed, best, trainer, callbacks }: FitCheckpoint, fit: string): Uint8Array {
  const values: Values = {
    version: VERSION,
    fit,
    progress,
    done,
    steps: trainer.steps,
    callbacks: callbacks.map((stored) => stored?.values ?? null),
  };
  const tensors = [
    ...named("changed", changed),
    ...named("best", best),
    ...named("state", trainer.tensors),
    ...callbacks.flatMap((stored, i) => named(`callback ${i}`, stored?.tensors ?? new Map())),
  ];
  // JSON has no number for infinity or NaN, which a loss may be.
  const json = JSON.stringify(values, (_, value) =>
    typeof value === "number" && !Number.isFinite(value) ? { number: `${value}` } : value,
  );
  return writeSafetensors(new Map(tensors), { metadata: { [KEY]: json } });
}

function parse(bytes: Uint8Array, path: string): { fit: string; checkpoint: FitCheckpoint } {
  const tensors = readSafetensors(bytes, path);
  const json = readMetadata(bytes, path)[KEY];
  const values: Values | undefined =
    json && JSON.parse(json, (_, value) => (typeof value?.number === "string" ? Number(value.number) : value));
  if (values?.version !== VERSION)
    throw new UsageError(`${path} is not a checkpoint of this version of thaw`, "Delete it; the fit then starts over.");
  const { fit, progress, done, steps, callbacks } = values;
  const stored = callbacks.map((value, i) => (value === null ? undefined : { values: value, tensors: unnamed(`callback ${i}`, tensors) }));
  const [changed, best] = [unnamed("changed", tensors), unnamed("best", tensors)];
  return { fit, checkpoint: { progress, done, changed, best, trainer: { steps, tensors: unnamed("state", tensors) }, callbacks: stored } };
}

function named(part: string, tensors: ReadonlyMap<string, Tensor>): readonly (readonly [string, Tensor])[] {
  return [...tensors].map(([name, value]) => [`${part}/${name}`, value] as const);
}

function unnamed(part: string, tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const prefix = `${part}/`;
  return new Map([...tensors].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [])));
}
