// Sessions of ONNX Runtime's WebAssembly. They are not re-entrant, not even across sessions, so all calls wait in one queue.

import type * as api from "onnxruntime-common";
import type { Tensor } from "../core/tensor.ts";
import type { OpenOptions, Placed, Session, TensorKind, Tensors } from "./engine.ts";
import { LostDeviceError, withoutAdapter } from "./lost-device.ts";
import { ortSession, outputLocations } from "./ort-session.ts";
import { allocate, type Module } from "./wasm-memory.ts";

export type Ort = typeof api;

/** A build of ONNX Runtime for WebAssembly, and the files that its JavaScript loads. */
export interface Build {
  load(): Promise<Ort>;
  readonly mjs: URL;
  readonly wasm: URL;
}

let last: Promise<unknown> = Promise.resolve();

/** Starts `work` when all earlier work has ended, successfully or not. */
function queued<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work, work);
  last = result.catch(() => undefined);
  return result;
}

/** The module of WebAssembly, which is there once a session is open; undefined for WebGPU's build. */
function moduleOf(ort: Ort): Module | undefined {
  return (ort.env.wasm as { readonly module?: Module }).module;
}

/** Tensors in the memory of `build`, one of whose sessions is open. */
export async function placeIn(build: Build, kinds: readonly TensorKind[]): Promise<Placed> {
  const { tensors, free } = allocate(moduleOf(await build.load()) as Module, kinds);
  return { tensors, free: () => queued(async () => free()) };
}

/** Copies results to the tensors in `into` that are not in WebAssembly's memory, in which it computes. */
function fill(into: Tensors, results: Tensors): Tensors {
  for (const [name, { data }] of Object.entries(into)) {
    const made = (results[name] as Tensor).data;
    if (made !== data) (data as Float32Array).set(made as Float32Array);
  }
  return into;
}

/** The part of a GPUDevice that is used here. */
interface LosableDevice {
  readonly lost: Promise<{ readonly message: string }>;
}

/** A function that rejects with a LostDeviceError as soon as the device of all sessions is lost, where work on it may never end. */
async function guardAgainstLoss(ort: Ort): Promise<<T>(work: Promise<T>) => Promise<T>> {
  const device = (await (ort.env.webgpu.device as unknown)) as LosableDevice;
  const loss = device.lost.then(({ message }) => {
    throw new LostDeviceError(message);
  });
  // Nobody may be waiting when it happens.
  loss.catch(() => undefined);
  return (work) => Promise.race([loss, work]);
}

/** Opens `model` with `build` on `device`, "wasm" or "webgpu". */
export async function openWasm(
  build: Build,
  model: Uint8Array,
  { device, threads, unplanned, holds }: OpenOptions & { readonly threads: number },
): Promise<Session> {
  const ort = await build.load();
  // A build's files and its number of threads are read when its first session opens.
  ort.env.wasm.wasmPaths = { mjs: build.mjs.href, wasm: build.wasm.href };
  ort.env.wasm.numThreads = threads;
  const session = await queued(() =>
    ort.InferenceSession.create(model, {
      executionProviders: [device],
      graphOptimizationLevel: "all",
      enableMemPattern: !unplanned,
      logSeverityLevel: 3,
      ...outputLocations(holds),
    }),
  ).catch((error) => {
    throw device === "webgpu" ? withoutAdapter(error) : error;
  });
  const { run, runOn, release } = ortSession(ort, session, holds);
  const kept = device === "webgpu" ? await guardAgainstLoss(ort) : <T>(work: Promise<T>): Promise<T> => work;
  return {
    run: async (feeds, into = {}) => {
      const placed = Object.entries(into).filter(([, { data }]) => moduleOf(ort)?.places.has(data));
      const results = await queued(() => kept(run(feeds, Object.fromEntries(placed))));
      return { ...results, ...fill(into, results) };
    },
    runOn: (held, feeds, wanted) => queued(() => kept(runOn(held, feeds, wanted))),
    release: () => queued(release),
  };
}
