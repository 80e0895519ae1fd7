// The second edition of thaw's own network against plain loops in 64 bits: the output of its body, and its gradient. At its cuts, its maps have the
// shapes of the maps of MobileNetV2, which it learns from.

import { expect, test } from "vitest";
import { gradientsOf, randomTensor } from "../../../test/check-gradient.ts";
import { runStages } from "../../../test/nn/run-stages.ts";
import { formulaParameters, imageBatch } from "../../../test/reference/formula.ts";
import { sizeOf, type Tensor } from "../../core/tensor.ts";
import { applyStages, describeParameters, describeStages, type Parameters } from "../scope.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import { thawSmallSecond } from "./thaw-small-second.ts";

const SIZE = 32;
const { body } = thawSmallSecond;
const specs = describeParameters(body, [1, 3, SIZE, SIZE]);
const parameters = formulaParameters(specs);
const image = imageBatch("thaw_small", [1, 3, SIZE, SIZE]);

/** A map of one image, channel by channel. */
interface Plane {
  readonly channels: number;
  readonly side: number;
  readonly data: Float64Array;
}

type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** The body by loops: the blocks' widths are read off the parameters' shapes, the strides are the table's in the network's file. */
function byLoops(numbers: Numbers, shapes: ReadonlyMap<string, readonly number[]>): Float64Array {
  const halving = new Set(["part1.0", "part1.1", "part2.0", "part3.0", "part5.0"]);
  let x: Plane = { channels: 3, side: SIZE, data: Float64Array.from(image.data) };
  for (const { name } of body) {
    const layer = (input: Plane, prefix: string, stride: number, clipped: boolean): Plane =>
      normalised(
        numbers,
        convolved(input, numbers[`${prefix}.conv.weight`]!, shapes.get(`${prefix}.conv.weight`)!, stride),
        prefix,
        clipped,
      );
    const stride = halving.has(name) ? 2 : 1;
    if (shapes.has(`${name}.conv.weight`)) x = layer(x, name, stride, true);
    else {
      const narrow = layer(layer(x, `${name}.wide`, stride, true), `${name}.narrow`, 1, false);
      const past = stride === 1 && x.channels === narrow.channels ? x.data : undefined;
      x = past ? { ...narrow, data: narrow.data.map((value, i) => value + past[i]!) } : narrow;
    }
  }
  return x.data;
}

function convolved({ channels, side, data }: Plane, weight: ArrayLike<number>, shape: readonly number[], stride: number): Plane {
  const [outputs, , kernel] = shape as readonly [number, number, number];
  const to = Math.ceil(side / stride);
  const result = new Float64Array(outputs * to * to);
  for (let o = 0; o < outputs; o++)
    for (let row = 0; row < to; row++)
      for (let column = 0; column < to; column++) {
        let sum = 0;
        for (let c = 0; c < channels; c++)
          for (let i = 0; i < kernel; i++)
            for (let k = 0; k < kernel; k++) {
              const [y, x] = [row * stride + i - (kernel - 1) / 2, column * stride + k - (kernel - 1) / 2];
              if (y < 0 || x < 0 || y >= side || x >= side) continue;
              sum += data[(c * side + y) * side + x]! * weight[((o * channels + c) * kernel + i) * kernel + k]!;
            }
        result[(o * to + row) * to + column] = sum;
      }
  return { channels: outputs, side: to, data: result };
}

function normalised(numbers: Numbers, { channels, side, data }: Plane, prefix: string, clipped: boolean): Plane {
  const of = (kind: string, channel: number): number => numbers[`${prefix}.norm.${kind}`]![channel]!;
  const result = data.map((value, i) => {
    const c = Math.floor(i / (side * side));
    const scaled = ((value - of("running_mean", c)) / Math.sqrt(of("running_var", c) + 1e-5)) * of("weight", c) + of("bias", c);
    return clipped ? Math.max(0, scaled) : scaled;
  });
  return { channels, side, data: result };
}

const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
const numbersOf = (tensors: Parameters): Numbers =>
  Object.fromEntries([...tensors].map(([name, { data }]) => [name, data as Float32Array]));

test("the body computes what plain loops do", async () => {
  const result = await runStages(body, parameters, image);
  expect(result.shape).toEqual([1, 1280, 1, 1]);
  expect(Array.from(result.data as Float32Array)).toBeAllClose(Array.from(byLoops(numbersOf(parameters), shapes)), 1e-4);
});

test("the slope along a direction of all parameters at once is that of plain loops", { timeout: 120_000 }, async () => {
  const learnt = specs.filter(({ kind }) => kind !== "mean" && kind !== "variance");
  const weights = randomTensor([1, 1280, 1, 1], "weights");
  // As long, in each parameter, as the parameter itself.
  const direction = new Map(
    learnt.map(({ name }) => {
      const { data } = parameters.get(name) as Tensor<"float32">;
      const size = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
      return [name, Float64Array.from({ length: data.length }, (_, i) => Math.SQRT2 * size * Math.sin(1 + 7 * i))];
    }),
  );
  const inputs = Object.fromEntries(learnt.map(({ name }) => [name, parameters.get(name) as Tensor<"float32">]));
  const { gradients } = await gradientsOf(
    inputs,
    (graph, values) => {
      const scope = {
        graph,
        training: true,
        batchStatistics: false,
        parameter: (name: string) => values[name] ?? graph.constant(parameters.get(name) as Tensor, name),
        statistic: () => undefined,
        mask: () => {
          throw new Error("Nothing is dropped");
        },
      };
      return applyStages(scope, body, graph.constant(image));
    },
    weights,
  );
  let slope = 0;
  for (const [name, along] of direction) slope += along.reduce((sum, value, i) => sum + value * Number(gradients[name]!.data[i]), 0);

  const EPSILON = 1e-6;
  const moved = (by: number): number => {
    const numbers = Object.fromEntries(
      Object.entries(numbersOf(parameters)).map(([name, data]) => {
        const along = direction.get(name);
        return [name, along ? Float64Array.from(data, (value, i) => value + by * along[i]!) : data];
      }),
    );
    return byLoops(numbers, shapes).reduce((sum, value, i) => sum + value * weights.data[i]!, 0);
  };
  expect(slope / ((moved(EPSILON) - moved(-EPSILON)) / (2 * EPSILON))).toBeCloseTo(1, 4);
});

test.each([
  ["part1", 3],
  ["part2", 6],
  ["part3", 10],
  ["part4", 13],
  ["part5", 16],
  ["part6", 18],
])("%s ends with a map of the shape that MobileNetV2's features %i have", (part, feature) => {
  const last = body.findLastIndex(({ name }) => name.startsWith(`${part}.`));
  const shapeAfter = (stages: typeof body, count: number) => describeStages(stages.slice(0, count), [1, 3, 112, 112]).output;
  expect(shapeAfter(body, last + 1)).toEqual(shapeAfter(mobileNetV2.body, feature + 1));
});

test("it has at most 4 million parameters, which in half precision are 8 MB", () => {
  const learnt = specs.filter(({ kind }) => kind !== "mean" && kind !== "variance");
  expect(learnt.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(3_405_640);
});
