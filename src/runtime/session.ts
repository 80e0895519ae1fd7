// Opens a graph as a session on the engine of this platform.

import { engine } from "#engine";
import { traced } from "../core/trace.ts";
import { lowerInference } from "../graph/lower-inference.ts";
import { encodeModel } from "../graph/model.ts";
import { convolvesComputed, trains } from "../graph/training.ts";
import type { Graph } from "../graph/types.ts";
import { channelBlock } from "./channel-block.ts";
import type { Device, Session, SessionOptions } from "./engine.ts";

let block: Promise<number> | undefined;

/** Compiles `graph` for the engine of this platform. Call `release()` on the session when done. */
export async function openSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
  const { name = "session", device = await engine.device(), threads } = options;
  const { run, release } = await traced(`open ${name}`, "run", async () =>
    engine.open(encodeModel(await lowered(graph, device)), { device, threads }),
  );
  return { run: (feeds, into) => traced(name, "run", () => run(feeds, into)), release };
}

/** The device of sessions that name none. */
export function defaultDevice(): Promise<Device> {
  return engine.device();
}

async function lowered(graph: Graph, device: Device): Promise<Graph> {
  if (!trains(graph)) return lowerInference(graph);
  // Loaded only here, so that prediction does not load training code.
  const { lower } = await import("../graph/lower.ts");
  if (device !== "cpu" || !convolvesComputed(graph)) return lower(graph, { places: device !== "webgpu" });
  block ??= channelBlock(engine);
  return lower(graph, { block: await block });
}
