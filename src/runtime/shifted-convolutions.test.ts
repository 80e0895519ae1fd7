// Which convolutions get shifted weights, by engines that are faster, as fast, or wrong with them.

import { expect, test } from "vitest";
import { type Tensor, zeros } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { isShiftable } from "../graph/quantize/shift.ts";
import { quantize } from "../graph/quantize.ts";
import type { Graph } from "../graph/types.ts";
import { engine } from "./engine.node.ts";
import type { Engine, Session } from "./engine.ts";
import { withFasterConvolutions } from "./shifted-convolutions.ts";

/** Two equal convolutions of 8 channels, and one of 16. */
function network(): Graph {
  const builder = new GraphBuilder();
  let x = builder.input("x", "float32", ["batch", 8, 5, 5]);
  for (const out of [8, 8, 16, 4]) {
    const weight = zeros("float32", [out, x.shape[1] as number, 1, 1]);
    weight.data.fill(0.5);
    x = builder.add("Conv", [x, builder.constant(weight)]);
  }
  const graph = builder.build({ y: x });
  return quantize(graph, { ranges: new Map([...graph.types.keys()].map((name) => [name, [0, 1] as const])) });
}

/** How many milliseconds a convolution takes as it is and with shifted weights, and the first pixel of its result. */
interface Speed {
  readonly plain: number;
  readonly shifted: number;
  readonly wrong?: boolean;
}

/** An engine whose layers take the milliseconds in `speeds`, in the order in which they are measured, and the number of sessions it opened. */
function engineOf(speeds: readonly Speed[]): Pick<Engine, "open"> & { opened: number; open_: number } {
  const counting = {
    opened: 0,
    open_: 0,
    async open(): Promise<Session> {
      const { plain, shifted, wrong } = speeds[Math.floor(counting.opened / 2)] as Speed;
      const isShifted = counting.opened++ % 2 === 1;
      counting.open_++;
      return {
        async run() {
          const end = performance.now() + (isShifted ? shifted : plain);
          while (performance.now() < end);
          const result: Tensor = { type: "uint8", shape: [1], data: Uint8Array.of(isShifted && wrong ? 249 : 250) };
          return { result };
        },
        runOn: () => Promise.reject(new Error("not a device")),
        async release() {
          counting.open_--;
        },
      };
    },
  };
  return counting;
}

const TYPICAL: Speed = { plain: 2, shifted: 1 };
const shiftedIn = (graph: Graph): number => graph.nodes.filter((node) => node.op === "QLinearConv" && !isShiftable(node, graph)).length;

test("layers that are faster with shifted weights get them, equal layers are measured once, and all sessions are released", async () => {
  const machine = engineOf([TYPICAL, { plain: 2, shifted: 1 }, { plain: 1, shifted: 2 }, { plain: 2, shifted: 1 }]);
  const graph = await withFasterConvolutions(network(), machine);
  // Two of 8 channels and the last; not that of 16.
  expect(shiftedIn(graph)).toBe(3);
  expect(machine).toMatchObject({ opened: 8, open_: 0 });
  expect(shiftedIn(await withFasterConvolutions(network(), machine))).toBe(3);
  expect(machine.opened).toBe(8);
});

test("if a typical layer gains nothing, no other is measured", async () => {
  const machine = engineOf([{ plain: 1, shifted: 1 }]);
  const graph = network();
  expect(await withFasterConvolutions(graph, machine)).toBe(graph);
  expect(machine).toMatchObject({ opened: 2, open_: 0 });
});

test("a layer whose results differ with shifted weights keeps its own, however fast", async () => {
  const right = { plain: 2, shifted: 1 };
  const graph = await withFasterConvolutions(network(), engineOf([TYPICAL, right, { ...right, wrong: true }, right]));
  expect(shiftedIn(graph)).toBe(3);
});

test("an engine that cannot run them leaves the graph as it is", async () => {
  const graph = network();
  expect(await withFasterConvolutions(graph, { open: () => Promise.reject(new Error("unknown operator")) })).toBe(graph);
});

test("the processor's engine runs both forms of a layer", async () => {
  const results: Tensor[] = [];
  const watched: Pick<Engine, "open"> = {
    async open(model, options) {
      const session = await engine.open(model, options);
      return {
        ...session,
        async run(feeds) {
          const found = await session.run(feeds);
          results.push({ ...found.result, data: found.result?.data.slice() } as Tensor);
          return found;
        },
      };
    },
  };
  await withFasterConvolutions(network(), watched);
  expect(results.length).toBeGreaterThanOrEqual(4);
  // The largest sum of the inner pixels of the typical layer is 255 after rescaling.
  expect(Math.max(...(results[0] as Tensor<"uint8">).data)).toBe(255);
});
