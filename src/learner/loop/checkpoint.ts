// Stores an unfinished fit in a file from which it resumes bit for bit. Random streams need no state in it: each is keyed by the number of its
// epoch or step (src/core/random.ts).

import * as v from "valibot";
import { UsageError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { StoredFile } from "../../core/store/store.ts";
import type { Tensor } from "../../core/tensor.ts";
import { readMetadata, readSafetensors, writeSafetensors } from "../../nn/safetensors.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { TrainerState } from "../step/trainer.ts";
import { keptNumber as anyNumber, type CallbackState, keptCount as count } from "./callback.ts";
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
  /** The error for a checkpoint that does not fit; the reason follows its name. */
  refuse(reason: string): Error;
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
    refuse: (reason) => refusal(path, reason),
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
const VERSION = 4;

const resultSchema = v.object({
  epoch: count,
  epochs: count,
  trainLoss: anyNumber,
  validLoss: anyNumber,
  accuracy: anyNumber,
  metrics: v.exactOptional(v.record(v.string(), anyNumber)),
  seconds: anyNumber,
});
const valuesSchema = v.object({
  version: v.literal(VERSION),
  fit: v.string(),
  progress: v.pipe(
    v.object({
      segment: count,
      step: count,
      first: count,
      steps: count,
      phase: count,
      ended: v.pipe(v.number(), v.integer(), v.minValue(-1)),
      stopped: v.boolean(),
      loss: anyNumber,
      smoothing: v.object({ average: anyNumber, steps: count }),
      lrScale: anyNumber,
      results: v.array(resultSchema),
      best: v.exactOptional(count),
    }),
    v.check(({ best, results }) => best === undefined || best < results.length, "Expected a best epoch among the results"),
  ),
  done: v.boolean(),
  steps: count,
  callbacks: v.array(v.nullable(v.record(v.string(), v.unknown()))),
});
/** The losses of a very long fit are most of it. */
const LIMITS = { bytes: 100_000_000, values: 10_000_000 };

type Values = Omit<v.InferOutput<typeof valuesSchema>, "progress" | "callbacks"> & {
  readonly progress: FitProgress;
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
  const refuse = (reason: string, cause?: unknown): UsageError => refusal(path, reason, cause);
  if (json === undefined) throw refuse(`it has no "${KEY}"`);
  const parsed = parseJson(new TextEncoder().encode(json), LIMITS, (reason, cause) => refuse(`its "${KEY}" ${reason}`, cause));
  const checked = v.safeParse(valuesSchema, withNumbers(parsed));
  if (!checked.success) throw refuse(`${v.getDotPath(checked.issues[0]) ?? KEY}: ${checked.issues[0].message}`);
  const { fit, progress, done, steps, callbacks } = checked.output as Values;
  const stored = callbacks.map((value, i) => (value === null ? undefined : { values: value, tensors: unnamed(`callback ${i}`, tensors) }));
  const [changed, best] = [unnamed("changed", tensors), unnamed("best", tensors)];
  return { fit, checkpoint: { progress, done, changed, best, trainer: { steps, tensors: unnamed("state", tensors) }, callbacks: stored } };
}

function refusal(path: string, reason: string, cause?: unknown): UsageError {
  return new UsageError(`${path} is not a checkpoint of this version of thaw: ${reason}`, "Delete it; the fit then starts over.", {
    cause,
  });
}

/** The JSON value with infinity and NaN again, which `format` writes as objects. */
function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null) return value;
  if ("number" in value && typeof value.number === "string") return Number(value.number);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNumbers(each)]));
}

function named(part: string, tensors: ReadonlyMap<string, Tensor>): readonly (readonly [string, Tensor])[] {
  return [...tensors].map(([name, value]) => [`${part}/${name}`, value] as const);
}

function unnamed(part: string, tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const prefix = `${part}/`;
  return new Map([...tensors].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [])));
}
