// The TensorFlow.js side of a row: MobileNetV2's frozen forward on its WebAssembly backend, batch norm folded, activations fused.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { serveRounds } from "../../engine/rounds.mjs";
import { mobileNetV2 } from "./mobilenet.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs-core");
const wasm = require("@tensorflow/tfjs-backend-wasm");

const { values } = parseArgs({ options: { task: { type: "string" }, setting: { type: "string" }, threads: { type: "string" } } });
const { batch, size, steps } = JSON.parse(values.task);
wasm.setWasmPaths(`${join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "dist")}/`);
wasm.setThreadsCount(Number(values.threads));
if (!(await tf.setBackend("wasm"))) throw new Error("The WebAssembly backend of TensorFlow.js did not start");

const body = mobileNetV2(tf);
const [classifier, bias] = [tf.randomNormal([1280, 1000], 0, 0.05), tf.randomNormal([1000], 0, 0.05)];
const network = (x) => tf.add(tf.matMul(tf.mean(body(x), [1, 2]), classifier), bias);
const images = tf.randomUniform([batch, size, size, 3]);
const work = async () => {
  for (let i = 0; i < steps; i++) {
    const result = tf.tidy(() => network(images));
    await result.data();
    result.dispose();
  }
};
await serveRounds(work, { tfjs: tf.version_core });
