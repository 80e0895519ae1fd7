// ONNX Runtime's WebAssembly with direct depthwise convolutions (scripts/depthwise.mjs) beside the file that its package has.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { withDirectDepthwise } from "../scripts/depthwise.mjs";
import { KERNEL, KERNEL_SOURCE } from "../scripts/depthwise-kernel.mjs";
import { withFasterProducts } from "../scripts/matrix-product.mjs";
import { encodeModel, GraphBuilder } from "../src/graph/index.ts";

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

/** The results of `convolutions` on a file, or on the bytes of one. */
async function resultsOf(file: string | Uint8Array, threads: number, convolutions: readonly Convolution[]) {
  const worker = new Worker(new URL("fixtures/run-wasm.mjs", import.meta.url), {
    workerData: { file, threads, runs: convolutions.map(runOf) },
  });
  const results: Float32Array[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on("error", reject).on("message", (y: Float32Array) => {
        if (results.push(y) === convolutions.length) resolve();
      });
    });
  } finally {
    await worker.terminate();
  }
  return results;
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
      { size: [7, 7], kernel, stride, pads: around(kernel), batch: 2, ...ends[i % ends.length] },
      { size: [14, 21], kernel, stride, pads: around(kernel), ...ends[(i + 1) % ends.length] },
      { size: [31, 30], kernel, stride, dilation: 2, pads: around(kernel) },
    ]),
  ),
  { size: [14, 14], batch: 3, channels: 32, bias: true, activation: "Relu6" },
  { size: [7, 7], batch: 2, channels: 5, pads: [2, 2, 2, 2] },
  { size: [6, 5], channels: 1, bias: true },
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

const packaged = resultsOf(THEIRS, 1, [...depthwise, ...others]);

test.each([1, 2])("with %i threads each convolution gives the bits of the package's own file", async (threads) => {
  const ours = await resultsOf(OURS, threads, [...depthwise, ...others]);
  const theirs = await packaged;
  for (const [i, result] of ours.entries()) expect(result, JSON.stringify([...depthwise, ...others][i])).toEqual(theirs[i]);
});

test("the kernel computes depthwise convolutions with a stride of 1 or 2, and no others", async () => {
  // Takes the greater of a result and its upper limit instead of the lesser.
  const [lesser, greater] = [Buffer.of(0xfd, 0xea, 0x01), Buffer.of(0xfd, 0xeb, 0x01)];
  const wrong = Buffer.from(KERNEL, "base64");
  for (let i = wrong.indexOf(lesser); i >= 0; i = wrong.indexOf(lesser, i)) greater.copy(wrong, i);
  const ours = await resultsOf(withDirectDepthwise(await readFile(THEIRS), wrong), 1, [...depthwise, ...others]);
  const theirs = await packaged;
  for (const [i, { activation }] of depthwise.entries()) {
    const limit = activation === "Relu6" || activation === "Clip" ? LIMITS[activation][1] : Number.POSITIVE_INFINITY;
    expect(Math.min(...(ours[i] as Float32Array)), JSON.stringify(depthwise[i])).toBeGreaterThanOrEqual(limit);
  }
  for (const [i, convolution] of others.entries())
    expect(ours[depthwise.length + i], JSON.stringify(convolution)).toEqual(theirs[depthwise.length + i]);
});

test("the file that thaw contains is the package's with faster products and this kernel", async () => {
  const [ours, theirs] = [await readFile(OURS), await readFile(THEIRS)];
  expect(withDirectDepthwise(withFasterProducts(theirs)).equals(ours)).toBe(true);
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
