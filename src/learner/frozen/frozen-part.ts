// The frozen part: everything left of the freeze point, as one inference session from pixels to the activations that cross the cut.

import { openInstances } from "#instances";
import { pool } from "#load";
import { inferenceGraph } from "../../classifier/inference.ts";
import { type Normalization, normalizePixels } from "../../classifier/preprocess.ts";
import { hashJson } from "../../core/hash.ts";
import { type ElementType, sizeOf, type Tensor, zeros } from "../../core/tensor.ts";
import { mapLimited } from "../../data/load/limiter.ts";
import { hashGraph } from "../../graph/hash.ts";
import { quantize, type ValueStatistics } from "../../graph/quantize.ts";
import { type Graph, staticShape } from "../../graph/types.ts";
import type { Parameters, Stage } from "../../nn/scope.ts";
import type { Session, SessionOptions } from "../../runtime/engine.ts";
import type { Instances } from "../../runtime/instances/instances.ts";
import { openSession } from "../../runtime/session.ts";

export interface FrozenPart {
  /** What crosses the cut, per image. */
  readonly itemShape: readonly number[];
  readonly type: ElementType;
  /** Names the function that this part computes, by the content of its graph: layers, weights, input size, normalisation and, in 8 bit, the ranges. */
  readonly key: string;
  /** What the session computes, "input" to "output"; undefined if pixels cross the cut. */
  readonly graph: Graph | undefined;
  /**
   * uint8 pixels [batch, size, size, channels] to activations [batch, ...itemShape]. `images` go through in all, with those of other runs
   * (default: of this one): for many, several instances of the engine may start, which give the same values.
   */
  run(pixels: Tensor, images?: number): Promise<Tensor>;
  /** Runs that are under way, and later ones, reject. */
  release(): Promise<void>;
}

export interface FrozenPartOptions {
  /** The stages left of the freeze point; none when every layer is trained, and pixels cross the cut. */
  readonly stages: readonly Stage[];
  readonly parameters: Parameters;
  readonly size: number;
  readonly normalization: Normalization;
  readonly session: SessionOptions;
}

/** Builds the frozen part. Its session opens with the first run that needs one: cached activations need none. */
export function openFrozenPart({ stages, parameters, size, normalization, session }: FrozenPartOptions): FrozenPart {
  const channels = normalization.mean.length;
  if (stages.length === 0) {
    return {
      itemShape: [size, size, channels],
      type: "uint8",
      key: hashJson(["pixels", size]),
      graph: undefined,
      run: async (pixels) => pixels,
      release: async () => {},
    };
  }
  const graph = inferenceGraph({
    stages,
    parameters,
    inputType: "uint8",
    inputShape: ["batch", size, size, channels],
    prepare: (builder, pixels) => normalizePixels(builder, pixels, normalization),
  });
  return partOf(graph, hashGraph(graph), { ...session, name: "frozen part" });
}

/** The same frozen part in 8 bit, with collected ranges. It has its own session; `frozen` stays open. */
export function quantizeFrozenPart(
  frozen: FrozenPart & { readonly graph: Graph },
  { ranges, means = new Map() }: ValueStatistics,
  session: SessionOptions,
): FrozenPart {
  const key = hashJson({
    frozen: frozen.key,
    precision: "int8",
    ranges: [...ranges],
    means: [...means].map(([name, mean]) => [name, Array.from(mean)]),
  });
  return partOf(quantize(frozen.graph, { ranges, means }), key, { ...session, name: "frozen part in 8 bit" });
}

/**
 * Images that go through the network at once for each of its threads. The values between layers take as much memory as there are images; with
 * few, more of them stay in the processor's caches. Devices with memory of their own take any number.
 */
const IMAGES_PER_THREAD = 4;

/** From so many images on, several instances of the engine save more time than they take to start. */
const INSTANCES_PAY_FROM = 300;

function partOf(graph: Graph, key: string, session: SessionOptions): FrozenPart {
  const { device, threads = pool.workers() } = session;
  const most = device === "webgpu" ? Number.POSITIVE_INFINITY : IMAGES_PER_THREAD * threads;
  let opened: Promise<Session> | undefined;
  let instances: Promise<Instances | undefined> | undefined;
  let released = false;
  const open = (): Promise<Session> => {
    // One that failed may be tried again.
    opened ??= openSession(graph, { ...session, sleeps: true }).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    itemShape: itemShapeOf(graph),
    type: "float32",
    key,
    graph,
    async run(pixels, images = 0) {
      if (images >= INSTANCES_PAY_FROM && !released) instances ??= openInstances(graph, open, session);
      const several = await instances;
      if (released) throw new Error("The frozen part has been released");
      if (several && (images >= INSTANCES_PAY_FROM || several.started)) return inSlices(pixels, IMAGES_PER_THREAD, several, several.runs);
      return inSlices(pixels, most, await open(), 1);
    },
    async release() {
      released = true;
      await (await instances)?.release();
      // Who ran it has heard why it could not be opened.
      await (await opened?.catch(() => undefined))?.release();
    },
  };
}

/** The output of `by` for a batch, from slices of at most `most` images, `runs` at a time. */
async function inSlices(pixels: Tensor, most: number, by: Pick<Session, "run">, runs: number): Promise<Tensor> {
  const [count, ...rest] = pixels.shape as [number, ...number[]];
  const outputOf = async (input: Tensor) => (await by.run({ input })).output as Tensor<"float32">;
  if (count <= most) return outputOf(pixels);
  const size = sizeOf(rest);
  const starts = Array.from({ length: Math.ceil(count / most) }, (_, slice) => slice * most);
  let all: Tensor<"float32"> | undefined;
  await mapLimited(starts, runs, async (start) => {
    const end = Math.min(count, start + most);
    const data = pixels.data.subarray(start * size, end * size);
    const { data: values, shape } = await outputOf({ ...pixels, shape: [end - start, ...rest], data } as Tensor);
    all ??= zeros("float32", [count, ...shape.slice(1)]);
    all.data.set(values, (all.data.length / count) * start);
  });
  return all as unknown as Tensor<"float32">;
}

function itemShapeOf(graph: Graph): readonly number[] {
  const output = graph.outputs[0];
  if (!output) throw new Error("The frozen part has no output");
  return staticShape({ ...output, shape: output.shape.slice(1) });
}
