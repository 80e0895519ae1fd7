// The TensorFlow.js side of a row: MobileNetV2's frozen forward on its WebAssembly backend, batch norm folded, activations fused.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { serveRounds } from "../../engine/rounds.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
const wasm = require("@tensorflow/tfjs-backend-wasm");

const { values } = parseArgs({ options: { task: { type: "string" }, setting: { type: "string" }, threads: { type: "string" } } });
const { batch, size, steps } = JSON.parse(values.task);
wasm.setWasmPaths(`${join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist")}/`);
wasm.setThreadsCount(Number(values.threads));
if (!(await tf.setBackend("wasm"))) throw new Error("The WebAssembly backend of TensorFlow.js did not start");

/** [expansion, channels, blocks, stride] of each stage (Sandler et al. 2018, table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const weights = (shape) => tf.randomNormal(shape, 0, 0.05);

function convolution(input, output, kernel, strides, activation) {
  const [filter, bias] = [weights([kernel, kernel, input, output]), weights([output])];
  return (x) => tf.fused.conv2d({ x, filter, strides, pad: "same", bias, activation });
}

function depthwise(channels, strides) {
  const [filter, bias] = [weights([3, 3, channels, 1]), weights([channels])];
  return (x) => tf.fused.depthwiseConv2d({ x, filter, strides, pad: "same", bias, activation: "relu6" });
}

function block(input, output, expansion, strides) {
  const wide = input * expansion;
  const layers = [depthwise(wide, strides), convolution(wide, output, 1, 1, "linear")];
  if (expansion > 1) layers.unshift(convolution(input, wide, 1, 1, "relu6"));
  const through = (x) => layers.reduce((value, layer) => layer(value), x);
  return strides === 1 && input === output ? (x) => tf.add(x, through(x)) : through;
}

function mobileNetV2() {
  const layers = [convolution(3, 32, 3, 2, "relu6")];
  let channels = 32;
  for (const [expansion, output, blocks, strides] of STAGES)
    for (let i = 0; i < blocks; i++) {
      layers.push(block(channels, output, expansion, i === 0 ? strides : 1));
      channels = output;
    }
  const [classifier, bias] = [weights([1280, 1000]), weights([1000])];
  layers.push(convolution(channels, 1280, 1, 1, "relu6"));
  layers.push((x) => tf.add(tf.matMul(tf.mean(x, [1, 2]), classifier), bias));
  return (x) => layers.reduce((value, layer) => layer(value), x);
}

const network = mobileNetV2();
const images = tf.randomUniform([batch, size, size, 3]);
const work = async () => {
  for (let i = 0; i < steps; i++) {
    const result = tf.tidy(() => network(images));
    await result.data();
    result.dispose();
  }
};
await serveRounds(work, { tfjs: tf.version_core });
