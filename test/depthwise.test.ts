// ONNX Runtime's WebAssembly with direct depthwise convolutions (scripts/depthwise.mjs) beside the file that its package has, and the gradients
// of their weights beside plain sums.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withDirectDepthwise } from "../scripts/depthwise.mjs";
import { KERNEL, KERNEL_SOURCE } from "../scripts/depthwise-kernel.mjs";
import { withVectorsInPlace } from "../scripts/in-place.mjs";
import { withFasterProducts } from "../scripts/matrix-product.mjs";
import { encodeModel, GraphBuilder } from "../src/graph/index.ts";
import { resultsOf } from "./fixtures/wasm-results.ts";

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const FILE = "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm";
const [OURS, THEIRS] = [at(`vendor/${FILE}`), at(`node_modules/${FILE}`)];

/** Those of Clip; "Relu6" is the most frequent. */
const LIMITS = { Clip: [-0.5, Math.fround(0.7)], Relu6: [0, 6] } as const;

interface Convolution {
  readonly batch?: number;
  readonly channels?: number;
  readonly filters?: number;
  readonly group?: number;
  readonly size: readonly [number, number];
  readonly kernel?: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly dilation?: number;
  /** Above, left, below, right. */
  readonly pads?: readonly number[];
  readonly bias?: boolean;
  /** Adds the input to the result, which becomes a part of the convolution. */
  readonly residual?: boolean;
  readonly activation?: keyof typeof LIMITS | "Relu" | "LeakyRelu";
}

/** The graph, with what it is run on: numbers of both signs and zeros of both signs. */
function runOf(convolution: Convolution) {
  const { batch = 1, channels = 3, group = channels, filters = channels, size, bias, residual, activation } = convolution;
  const { kernel = [3, 3], stride = [1, 1], dilation = 1, pads = [1, 1, 1, 1] } = convolution;
  const graph = new GraphBuilder();
  const array = (shape: readonly number[], value: (i: number) => number) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
  const constant = (shape: readonly number[], value: (i: number) => number) =>
    graph.constant({ type: "float32", shape, data: array(shape, value) });
  const shape = [batch, channels, ...size];
  const weights = constant([filters, channels / group, ...kernel], (i) => Math.sin(i * 1.3 + 1));
  const input = graph.input("x", "float32", shape);
  const inputs = [input, weights, ...(bias ? [constant([filters], (i) => Math.sin(i * 3.1))] : [])];
  const summed = graph.add("Conv", inputs, { group, kernel_shape: kernel, pads, strides: stride, dilations: [dilation, dilation] });
  const ended = () => {
    if (residual) return graph.add("Add", [summed, input]);
    if (activation === "Relu" || activation === "LeakyRelu") return graph.add(activation, [summed]);
    return activation ? graph.add("Clip", [summed, ...LIMITS[activation].map((limit) => constant([], () => limit))]) : summed;
  };
  const x = array(shape, (i) => (i % 7 === 0 ? 0 : i % 11 === 0 ? -0 : Math.sin(i * 0.7)));
  return { model: encodeModel(graph.build({ y: ended() })), x, shape };
}

const pairs = (text: string) => text.split(" ").map((pair) => pair.split("x").map(Number) as [number, number]);
const sizes = pairs("1x9 3x2 9x1 2x3 3x4 5x5 4x6 7x7 5x8 9x9 14x14 28x28 56x56 80x112 6x2000");
const paddings = [
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [0, 1, 1, 0],
];
const ends = [{}, { bias: true }, { bias: true, activation: "Relu6" }, { activation: "Relu" }, { bias: true, activation: "Clip" }] as const;
const kernels = pairs("5x5 7x7 2x4 1x5 7x1 11x9");
const strides = pairs("1x1 2x2");
const around = ([height, width]: readonly [number, number]) => [height >> 1, width >> 1, height >> 1, width >> 1];
/** Each size with each stride and padding that gives an output of more than a column, and each ending several times. */
const depthwise: readonly Convolution[] = [
  ...sizes
    .flatMap((size) => strides.flatMap((stride) => paddings.map((pads) => ({ size, stride, pads }))))
    .filter(
      ({ size: [height, width], pads: [top = 0, left = 0, bottom = 0, right = 0] }) =>
        height + top + bottom > 2 && width + left + right > 3,
    )
    .map((convolution, i) => ({ ...convolution, ...ends[i % ends.length] })),
  ...kernels.flatMap((kernel, i) =>
    strides.flatMap((stride): Convolution[] => [
      { size: [9, 7], kernel, stride, pads: around(kernel), batch: 2, ...ends[i % ends.length] },
      { size: [14, 21], kernel, stride, pads: around(kernel), ...ends[(i + 1) % ends.length] },
      { size: [31, 30], kernel, stride, dilation: 2, pads: around(kernel) },
    ]),
  ),
  { size: [14, 14], batch: 3, channels: 32, bias: true, activation: "Relu6" },
  { size: [7, 7], batch: 2, channels: 5, pads: [2, 2, 2, 2] },
  { size: [6, 5], channels: 1, bias: true },
  { size: [6, 5], kernel: [5, 5], bias: true },
  { size: [9, 6], dilation: 2, activation: "Relu6" },
  { size: [7, 5], kernel: [5, 5], stride: [2, 2], pads: [2, 2, 2, 2] },
  { size: [7, 7], kernel: [7, 9], pads: [3, 4, 3, 4] },
];
/** What the kernel leaves alone. */
const others: readonly Convolution[] = [
  { size: [9, 9], channels: 4, filters: 8, group: 2, bias: true },
  { size: [9, 9], channels: 4, filters: 8, group: 4, bias: true },
  { size: [13, 14], stride: [1, 2] },
  { size: [13, 14], stride: [3, 3] },
  { size: [20, 20], kernel: [12, 12] },
  { size: [9, 9], pads: [1, 3, 1, 1] },
  { size: [20, 20], kernel: [11, 11], pads: [5, 5, 5, 5] },
  { size: [9, 9], residual: true, bias: true },
  { size: [9, 9], activation: "LeakyRelu", bias: true },
  { size: [3, 3000] },
];

const runs = [...depthwise, ...others].map(runOf);
/** The kernel with one instruction in place of another. */
function kernelWith(instruction: Buffer, other: Buffer) {
  const kernel = Buffer.from(KERNEL, "base64");
  for (let i = kernel.indexOf(instruction); i >= 0; i = kernel.indexOf(instruction, i)) other.copy(kernel, i);
  return kernel;
}

const packaged = resultsOf(THEIRS, 1, runs);

test.each([1, 2])("with %i threads each convolution gives the bits of the package's own file", async (threads) => {
  const ours = await resultsOf(OURS, threads, runs);
  const theirs = await packaged;
  for (const [i, result] of ours.entries()) expect(result, JSON.stringify([...depthwise, ...others][i])).toEqual(theirs[i]);
});

test("the kernel computes depthwise convolutions with a stride of 1 or 2, and no others", async () => {
  // Takes the greater of a result and its upper limit instead of the lesser.
  const wrong = kernelWith(Buffer.of(0xfd, 0xea, 0x01), Buffer.of(0xfd, 0xeb, 0x01));
  const ours = await resultsOf(withDirectDepthwise(await readFile(THEIRS), wrong), 1, runs);
  const theirs = await packaged;
  for (const [i, { activation }] of depthwise.entries()) {
    const limit = activation === "Relu6" || activation === "Clip" ? LIMITS[activation][1] : Number.POSITIVE_INFINITY;
    expect(Math.min(...(ours[i] as Float32Array)), JSON.stringify(depthwise[i])).toBeGreaterThanOrEqual(limit);
  }
  for (const [i, convolution] of others.entries())
    expect(ours[depthwise.length + i], JSON.stringify(convolution)).toEqual(theirs[depthwise.length + i]);
});

/** The convolution that the gradient of a depthwise convolution's weights is: its kernel is a whole image, its output the window. */
interface Gradient {
  readonly kernel: readonly [number, number];
  readonly window: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly strides?: readonly [number, number];
  /** Above, left, below, right. */
  readonly pads?: readonly number[];
  readonly groups?: number;
  readonly bias?: boolean;
  readonly relu?: boolean;
}

const square = (size: number) => [size, size] as [number, number];
const gradients: readonly Gradient[] = [
  // Lines of 4 to 70 numbers; each window and dilation has all rests of a division by 4. Sometimes there is a row and a column too many.
  ...Array.from({ length: 67 }, (_, i): Gradient => {
    const [size, kind, extra] = [(i + (i >> 2)) & 1 ? 3 : 5, ((i + (i >> 2)) & 2) / 2 + 1, i % 3 === 0 ? 1 : 0];
    return {
      kernel: [67 - i, i + 4],
      window: square(size + extra),
      dilations: square(kind),
      pads: Array<number>(4).fill(size >> 1),
      bias: i % 5 === 0,
    };
  }),
  ...[8, 31, 112].flatMap((size) =>
    [3, 4, 5, 7].flatMap((window) =>
      [1, 2].map((dilation) => ({ kernel: square(size), window: square(window), dilations: square(dilation) })),
    ),
  ),
  ...pairs("1x1 1x3 2x6 3x1 5x3 7x6").map((window) => ({ kernel: [14, 13] as const, window, pads: [1, 1, 1, 1] })),
  ...[
    [0, 1, 1, 0],
    [2, 0, 1, 3],
    [4, 4, 4, 4],
    [3, 2, 0, 0],
  ].flatMap((pads) => [1, 2].map((dilation) => ({ kernel: square(15), window: square(3), dilations: square(dilation), pads }))),
];
/** What the kernel leaves alone. */
const otherGradients: readonly Gradient[] = [
  { kernel: [50, 3], window: [3, 3] },
  { kernel: [14, 14], window: [3, 8] },
  { kernel: [14, 14], window: [8, 3] },
  { kernel: [14, 14], window: [3, 3], dilations: [3, 3] },
  { kernel: [14, 14], window: [3, 3], dilations: [1, 2] },
  { kernel: [14, 14], window: [3, 3], strides: [2, 2] },
  { kernel: [14, 14], window: [3, 3], pads: [0, 5, 0, 0] },
  { kernel: [14, 14], window: [3, 3], groups: 1 },
  { kernel: [14, 14], window: [3, 3], relu: true },
];

/** All in one graph, which takes the numbers of all images and kernels and gives those of all windows. */
function runOfGradients(gradients: readonly Gradient[]) {
  const graph = new GraphBuilder();
  const images = gradients.map(imageOf);
  const counts = gradients.map(({ kernel, groups = 2 }, i) => groups * (areaOf(images[i] as [number, number]) + areaOf(kernel)));
  const shape = [counts.reduce((a, b) => a + b, 0)];
  const x = Float32Array.from({ length: shape[0] as number }, (_, i) => Math.sin(i * i * 0.37));
  const input = graph.input("x", "float32", shape);
  let at = 0;
  const next = (shape: readonly number[]) => {
    const start = at;
    at += shape.reduce((a, b) => a * b, 1);
    const slice = graph.add("Slice", [input, graph.ints([start]), graph.ints([at]), graph.ints([0])]);
    return graph.add("Reshape", [slice, graph.ints(shape)]);
  };
  const windows = gradients.map(({ kernel, dilations = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], groups = 2, bias, relu }, i) => {
    const [image, kernels] = [next([1, groups, ...(images[i] as [number, number])]), next([groups, 1, ...kernel])];
    const biases = bias ? [graph.constant({ type: "float32", shape: [groups], data: Float32Array.of(3, 4) })] : [];
    const y = graph.add("Conv", [image, kernels, ...biases], { group: groups, pads, dilations, strides });
    return graph.add("Reshape", [relu ? graph.add("Relu", [y]) : y, graph.ints([-1])]);
  });
  return { model: encodeModel(graph.build({ y: graph.add("Concat", windows, { axis: 0 }) })), x, shape };
}

const areaOf = ([height, width]: readonly [number, number]) => height * width;
/** The size of the image of which the window has this size. */
function imageOf({ kernel, window, dilations = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0] }: Gradient) {
  const size = (i: 0 | 1) =>
    (kernel[i] - 1) * dilations[i] + (window[i] - 1) * strides[i] + 1 - (pads[i] as number) - (pads[i + 2] as number);
  return [size(0), size(1)] as [number, number];
}

/** The windows of each gradient, number by number: its value, and the sum of the products' absolute values. */
function plainly(gradients: readonly Gradient[], x: Float32Array) {
  let at = 0;
  return gradients.map((gradient) => {
    const { kernel, window, dilations = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], groups = 2, bias, relu } = gradient;
    const image = imageOf(gradient);
    const kernels = at + groups * areaOf(image);
    const results = Array.from({ length: groups * areaOf(window) }, (_, k) => {
      const group = Math.floor(k / areaOf(window));
      const [row, column] = [Math.floor((k % areaOf(window)) / window[1]), k % window[1]];
      let [sum, size] = bias ? [3 + group, 3 + group] : [0, 0];
      for (let i = 0; i < areaOf(kernel); i++) {
        const y = row * strides[0] + Math.floor(i / kernel[1]) * dilations[0] - (pads[0] as number);
        const z = column * strides[1] + (i % kernel[1]) * dilations[1] - (pads[1] as number);
        if (y < 0 || z < 0 || y >= image[0] || z >= image[1]) continue;
        const product = (x[at + group * areaOf(image) + y * image[1] + z] as number) * (x[kernels + group * areaOf(kernel) + i] as number);
        sum += product;
        size += Math.abs(product);
      }
      return { sum: relu ? Math.max(0, sum) : sum, size };
    });
    at = kernels + groups * areaOf(kernel);
    return results;
  });
}

/** For each gradient, how far the worst of its `results` is from the right one, in units of the products' absolute values. */
function errorsOf(gradients: readonly Gradient[], results: Float32Array, x: Float32Array) {
  let at = 0;
  return plainly(gradients, x).map((numbers) =>
    Math.max(...numbers.map(({ sum, size }) => Math.abs((results[at++] as number) - sum) / (size || 1))),
  );
}

test("gradients of depthwise convolutions' weights are right, to the same bits with any number of threads", async () => {
  const run = runOfGradients(gradients);
  const [[one], [two]] = [await resultsOf(OURS, 1, [run]), await resultsOf(OURS, 2, [run])];
  for (const [i, error] of errorsOf(gradients, one as Float32Array, run.x).entries())
    expect(error, JSON.stringify(gradients[i])).toBeLessThan(1e-6);
  expect(two).toEqual(one);
});

test("the kernel computes these gradients, and no others", async () => {
  // Adds where it should multiply.
  const wrong = kernelWith(Buffer.of(0xfd, 0xe6, 0x01), Buffer.of(0xfd, 0xe4, 0x01));
  const all = [...gradients, ...otherGradients];
  const run = runOfGradients(all);
  const [results] = await resultsOf(withDirectDepthwise(await readFile(THEIRS), wrong), 1, [run]);
  for (const [i, error] of errorsOf(all, results as Float32Array, run.x).entries()) {
    if (i < gradients.length) expect(error, JSON.stringify(all[i])).toBeGreaterThan(1e-3);
    else expect(error, JSON.stringify(all[i])).toBeLessThan(1e-6);
  }
});

test("the file that thaw contains is the package's with faster products, this kernel and vectors in place", async () => {
  const [ours, theirs] = [await readFile(OURS), await readFile(THEIRS)];
  expect(withVectorsInPlace(withDirectDepthwise(withFasterProducts(theirs))).equals(ours)).toBe(true);
});

test("a file without the function, and a kernel of many, are refused", async () => {
  expect(() => withDirectDepthwise(Buffer.from(KERNEL, "base64"))).toThrow("0 functions of convolutions were found instead of 1");
  const theirs = await readFile(THEIRS);
  expect(() => withDirectDepthwise(theirs, theirs)).toThrow("The kernel is not one function");
});

test("the kernel was made of the source that lies in kernels", () => {
  const source = readFileSync(at("kernels/depthwise.ts"));
  expect(createHash("sha256").update(source).digest("hex"), "run node kernels/build.mjs").toBe(KERNEL_SOURCE);
});
