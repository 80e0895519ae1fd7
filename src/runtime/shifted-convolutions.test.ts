// Which convolutions get shifted weights, by engines that are faster, as fast, or wrong with them.

import { afterEach, expect, test, vi } from "vitest";
import { type Tensor, zeros } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { isShiftable } from "../graph/quantize/shift.ts";
import { quantize } from "../graph/quantize.ts";
import type { Graph } from "../graph/types.ts";
import { engine } from "./engine.node.ts";
import type { Engine, Session } from "./engine.ts";
import { withFasterConvolutions } from "./shifted-convolutions.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

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

/** An engine whose layers take the milliseconds in `speeds`, in the order in which they are measured, by a clock of its own. */
function engineOf(speeds: readonly Speed[]) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const machine = {
    opened: 0,
    unreleased: 0,
    async open(): Promise<Session> {
      const isShifted = machine.opened++ % 2 === 1;
      const { plain, shifted, wrong } = speeds[Math.floor((machine.opened - 1) / 2)] as Speed;
      machine.unreleased++;
      return {
        async run() {
          now += isShifted ? shifted : plain;
          const result: Tensor = { type: "uint8", shape: [1], data: Uint8Array.of(isShifted && wrong ? 249 : 250) };
          return { result };
        },
        runOn: () => Promise.reject(new Error("not a device")),
        async release() {
          machine.unreleased--;
        },
      };
    },
  };
  return machine;
}

const TYPICAL: Speed = { plain: 2, shifted: 1 };
const shiftedIn = (graph: Graph): number => graph.nodes.filter((node) => node.op === "QLinearConv" && !isShiftable(node, graph)).length;

test("layers that are faster with shifted weights get them, equal layers are measured once, and all sessions are released", async () => {
  const machine = engineOf([TYPICAL, { plain: 2, shifted: 1 }, { plain: 1, shifted: 2 }, { plain: 2, shifted: 1 }]);
  const graph = await withFasterConvolutions(network(), machine);
  // Two of 8 channels and the last; not that of 16.
  expect(shiftedIn(graph)).toBe(3);
  expect(machine).toMatchObject({ opened: 8, unreleased: 0 });
  expect(shiftedIn(await withFasterConvolutions(network(), machine))).toBe(3);
  expect(machine.opened).toBe(8);
});

test("if a typical layer gains nothing, no other is measured", async () => {
  const gaining = { plain: 2, shifted: 1 };
  const machine = engineOf([{ plain: 1, shifted: 1 }, gaining, gaining, gaining]);
  const graph = network();
  expect(await withFasterConvolutions(graph, machine)).toBe(graph);
  expect(machine).toMatchObject({ opened: 2, unreleased: 0 });
});

test("a layer whose results differ with shifted weights keeps its own, however fast", async () => {
  const right = { plain: 2, shifted: 1 };
  const graph = await withFasterConvolutions(network(), engineOf([TYPICAL, right, { ...right, wrong: true }, right]));
  expect(shiftedIn(graph)).toBe(3);
});

test("an engine that cannot run shifted weights leaves the graph as it is, and no session open", async () => {
  const graph = network();
  const machine = engineOf([TYPICAL]);
  const refusing = { open: () => (machine.opened === 1 ? Promise.reject(new Error("unknown operator")) : machine.open()) };
  expect(await withFasterConvolutions(graph, refusing)).toBe(graph);
  expect(machine).toMatchObject({ opened: 1, unreleased: 0 });
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
