// Opens a graph as a session on the engine of this platform.

import { engine } from "#engine";
import { traced } from "../core/trace.ts";
import { lower } from "../graph/lower.ts";
import { encodeModel } from "../graph/model.ts";
import type { Graph } from "../graph/types.ts";
import type { Session, SessionOptions } from "./engine.ts";

/** Compiles `graph` for the engine of this platform. Call `release()` on the session when done. */
export async function openSession(graph: Graph, options: SessionOptions = {}): Promise<Session> {
  const { name = "session" } = options;
  const { run, release } = await traced(`open ${name}`, "run", () => engine.open(encodeModel(lower(graph)), options));
  return { run: (feeds, into) => traced(name, "run", () => run(feeds, into)), release };
}
