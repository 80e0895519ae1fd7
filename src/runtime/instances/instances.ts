// Several instances of the engine, each with a copy of one model, that compute runs at the same time: the contract of "#instances".

import type { Graph } from "../../graph/types.ts";
import type { Session, SessionOptions } from "../engine.ts";

/**
 * What computes runs in any order. What it cannot compute, a session of the same graph does, and a warning on the console says why; releasing
 * that session is not its business.
 */
export interface Instances extends Pick<Session, "run" | "release"> {
  /** Whether they are there, so that a run need not wait for them to start. */
  readonly started: boolean;
  /** Runs to have under way so that no instance waits for the next. */
  readonly runs: number;
}

/**
 * Instances of the engine for `graph`, of which `open` gives a session; undefined where that computes as fast by itself, and,
 * after a warning, where they cannot be opened. They start with the first
 * run, and end when they are released or have nothing to do for a while.
 */
export type OpenInstances = (graph: Graph, open: () => Promise<Session>, options: SessionOptions) => Promise<Instances | undefined>;
