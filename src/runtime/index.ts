// The runtime layer's public API: run a graph.

export type { Device, Session, SessionOptions, Tensors } from "./engine.ts";
export { openSession } from "./session.ts";
