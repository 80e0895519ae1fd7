// Checks gradient rules against central differences of the graph that they differentiate.

import fc from "fast-check";
import { expect } from "vitest";
import { float32, randomStream, sizeOf, type Tensor } from "../src/core/index.ts";
import { differentiate, GraphBuilder, type Value } from "../src/graph/index.ts";
import { openSession } from "../src/runtime/index.ts";

export type Inputs = Readonly<Record<string, Tensor<"float32">>>;
export type Build = (graph: GraphBuilder, inputs: Readonly<Record<string, Value>>) => Value;

/** A tensor of random numbers from [low, high), the same for the same key. */
export function randomTensor(shape: readonly number[], key: string | number, low = -1, high = 1): Tensor<"float32"> {
  const stream = randomStream("gradient", key);
  return float32(
    Array.from({ length: sizeOf(shape) }, () => stream.uniform(low, high)),
    shape,
  );
}

/** Numbers at least `gap` apart in random order, none nearer to 0 than half of that: no ties, and no kink within a step. */
export function distinctTensor(shape: readonly number[], key: string | number, gap = 0.06): Tensor<"float32"> {
  const size = sizeOf(shape);
  const values = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2) + 0.5) * gap);
  return float32(randomStream("gradient", key).shuffle(values), shape);
}

/** Kernel (`smallest` to `largest`), stride, dilation and padding along one axis, and a size that the window fits into. */
export function windowAxis(smallest: number, largest: number) {
  return fc
    .record({
      kernel: fc.integer({ min: smallest, max: largest }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      before: fc.integer({ min: 0, max: 2 }),
      after: fc.integer({ min: 0, max: 2 }),
      extra: fc.integer({ min: 0, max: 3 }),
    })
    .map((a) => ({ ...a, size: Math.max(1, a.dilation * (a.kernel - 1) + 1 - a.before - a.after) + a.extra }));
}

/** d(Σ weights · output)/d(input) for every input, computed by the rules, with the output; `weights` default to random numbers. */
export async function gradientsOf(
  inputs: Inputs,
  build: Build,
  weights?: Tensor<"float32">,
): Promise<{ output: Tensor; gradients: Record<string, Tensor> }> {
  const checked = await compile(inputs, build, weights);
  try {
    return await checked.run(inputs);
  } finally {
    await checked.release();
  }
}

/** The most elements of one input that are perturbed; if there are more, a random choice of them. */
const MOVED = 40;

/**
 * Expects the gradients of a random linear functional of the output to agree with central differences. With step h = 1e-2 those are off by
 * h²/6 times the third derivative (about 2e-5) and by float32's rounding over h (about 1e-5 per affected output): 2e-3 leaves a margin.
 */
export async function expectGradients(inputs: Inputs, build: Build, { step = 1e-2, tolerance = 2e-3 } = {}): Promise<void> {
  const { run, weights, release } = await compile(inputs, build);
  try {
    const { gradients } = await run(inputs);
    for (const [name, value] of Object.entries(inputs)) {
      const gradient = gradients[name] as Tensor<"float32">;
      expect(gradient.shape).toEqual(value.shape);
      const places = randomStream("places", name)
        .shuffle([...value.data.keys()])
        .slice(0, MOVED);
      const scale = Math.max(1, ...gradient.data.map(Math.abs));
      for (const place of places) {
        const functional = async (by: number): Promise<number> => {
          const data = value.data.slice();
          data[place] = (data[place] as number) + by;
          const { output } = await run({ ...inputs, [name]: { ...value, data } });
          return weights.data.reduce((sum, weight, i) => sum + weight * Number(output.data[i]), 0);
        };
        const difference = ((await functional(step)) - (await functional(-step))) / (2 * step);
        const error = Math.abs(difference - (gradient.data[place] as number)) / scale;
        expect(error, `${name}[${place}] of [${value.shape}]: rule ${gradient.data[place]}, difference ${difference}`).toBeLessThan(
          tolerance,
        );
      }
    }
  } finally {
    await release();
  }
}

async function compile(inputs: Inputs, build: Build, given?: Tensor<"float32">) {
  const graph = new GraphBuilder();
  const values = Object.fromEntries(Object.entries(inputs).map(([name, { type, shape }]) => [name, graph.input(name, type, shape)]));
  const output = build(graph, values);
  const weights = given ?? randomTensor(output.shape as number[], "weights");
  const functional = graph.input("weights", "float32", weights.shape);
  const loss = graph.add("ReduceSum", [graph.add("Mul", [output, functional])], { keepdims: 0 });
  const names = Object.keys(inputs);
  const gradients = differentiate(
    graph,
    loss,
    names.map((name) => values[name] as Value),
  );
  const session = await openSession(
    graph.build({ output, ...Object.fromEntries(names.map((name, i) => [`${name}.gradient`, gradients[i] as Value])) }),
    { threads: 1 },
  );
  return {
    weights,
    release: session.release,
    async run(feeds: Inputs): Promise<{ output: Tensor; gradients: Record<string, Tensor> }> {
      const results = await session.run({ ...feeds, weights });
      const found = names.map((name) => [name, results[`${name}.gradient`] as Tensor] as const);
      return { output: results.output as Tensor, gradients: Object.fromEntries(found) };
    },
  };
}
