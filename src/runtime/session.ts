// Opens a graph as a session on the engine of this platform.

import { engine } from "#engine";
import type { Warning } from "../core/progress.ts";
import { traced } from "../core/trace.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Kernels } from "../graph/lower.ts";
import { lowerInference } from "../graph/lower-inference.ts";
import { encodeModel } from "../graph/model.ts";
import { convolvesComputed, trains } from "../graph/training.ts";
import type { Graph } from "../graph/types.ts";
import { forWasm } from "../graph/wasm.ts";
import { forWebGpu } from "../graph/webgpu.ts";
import { channelBlock } from "./channel-block.ts";
import type { Device, OpenOptions, Session, SessionOptions } from "./engine.ts";

let block: Promise<number> | undefined;

/**
 * Compiles `graph` for the engine of this platform. Call `release()` on the session when done. On WebGPU its `runOn` leaves the outputs in
 * `holds` in the memory of the device.
 */
export async function openSession(
  graph: Graph,
  options: SessionOptions & Pick<OpenOptions, "unplanned" | "sleeps"> = {},
  holds: readonly string[] = [],
): Promise<Session> {
  const { name = "session", device = await engine.device(), threads, unplanned, sleeps } = options;
  const { run, runOn, release } = await traced(`open ${name}`, "run", async () =>
    engine.open(await modelOf(graph, device), {
      device,
      threads,
      unplanned,
      sleeps,
      holds: device === "webgpu" ? holds : undefined,
    }),
  );
  return {
    run: (feeds, into) => traced(name, "run", () => run(feeds, into)),
    runOn: (held, feeds, wanted) => traced(name, "run", () => runOn(held, feeds, wanted)),
    release,
  };
}

/** Throws a UsageError if no session can be opened on `device`. It opens one that adds two numbers. */
export async function checkDevice(device: Device): Promise<void> {
  const graph = new GraphBuilder();
  const x = graph.input("x", "float32", [1]);
  const session = await openSession(graph.build({ y: graph.add("Add", [x, x]) }), { device, name: "check of the device" });
  await session.release();
}

/** The device of sessions that name none. */
export function defaultDevice(): Promise<Device> {
  return engine.device();
}

/** Why WebAssembly has one thread here, and what gives it more; undefined if it has them. */
export function missingThreads(): Warning | undefined {
  return engine.missingThreads();
}

/** The ONNX model that `device` runs for `graph`. */
export async function modelOf(graph: Graph, device: Device): Promise<Uint8Array> {
  return encodeModel(await lowered(graph, device));
}

async function lowered(graph: Graph, device: Device): Promise<Graph> {
  if (device === "webgpu") return forWebGpu(await plain(graph, { places: false }));
  if (device === "wasm") return forWasm(await plain(graph, {}));
  const block = device === "cpu" && convolvesComputed(graph) ? await detectedBlock() : 1;
  const made = await plain(graph, { block });
  return (device === "cpu" && graph.nodes.some(({ op }) => op === "QLinearConv") && (await engine.faster?.(made))) || made;
}

/** `graph` in operators of ONNX Runtime. */
async function plain(graph: Graph, kernels: Kernels): Promise<Graph> {
  if (!trains(graph)) return lowerInference(graph);
  // Loaded only here, so that prediction does not load training code.
  const { lower } = await import("../graph/lower.ts");
  return lower(graph, kernels);
}

function detectedBlock(): Promise<number> {
  block ??= channelBlock(engine);
  return block;
}
