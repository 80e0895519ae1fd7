// The device of the contract tests, set by the vitest project (vitest.config.ts). The same files run in Node, in a browser and on WebGPU.

import { describe, inject } from "vitest";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/types.ts";
import type { Session } from "../../src/runtime/engine.ts";
import { openSession } from "../../src/runtime/session.ts";

const device = inject("device");

/** A group of tests, skipped if this machine does not have the device. */
export const contract = describe.skipIf(device === undefined);

/** Opens a graph with `outputs` on the device under test. */
export function open(graph: GraphBuilder, outputs: Readonly<Record<string, Value>>): Promise<Session> {
  if (device === undefined) throw new Error("This machine does not have the device");
  return openSession(graph.build(outputs), { device });
}
