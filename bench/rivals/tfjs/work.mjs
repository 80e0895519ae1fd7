// What TensorFlow.js does in one round of a row, in a page, on its WebAssembly backend.

import * as wasm from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { mobileNetV2 } from "./mobilenet.mjs";

/** Starts the backend, whose files lie at the address `files`, and opens a row of MobileNetV2: "features" or "head". */
export async function openWork({ kind, size, batch }, threads, files) {
  wasm.setWasmPaths(files);
  wasm.setThreadsCount(threads);
  if (!(await tf.setBackend("wasm"))) throw new Error("The WebAssembly backend of TensorFlow.js did not start");
  const run = kind === "features" ? features(size, batch) : head(batch);
  return { run, release: () => tf.disposeVariables() };
}

/** From pictures to both poolings, as thaw caches them. */
function features(size, batch) {
  const network = mobileNetV2(tf);
  const images = tf.randomUniform([batch, size, size, 3], 0, 255, "int32");
  return async () => {
    const result = tf.tidy(() => {
      const maps = network(tf.sub(tf.div(tf.cast(images, "float32"), 127.5), 1));
      return tf.concat([tf.mean(maps, [1, 2]), tf.max(maps, [1, 2])], 1);
    });
    await result.data();
    result.dispose();
  };
}

/** A step of SGD with momentum on two dense layers: less than thaw's head does, which also has batch norm and dropout. */
function head(batch) {
  const [inputs, hidden, classes] = [2560, 512, 10];
  const x = tf.randomUniform([batch, inputs]);
  const targets = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % classes),
    "int32",
  );
  const labels = tf.cast(tf.oneHot(targets, classes), "float32");
  const variables = [[inputs, hidden], [hidden], [hidden, classes], [classes]].map((shape) => tf.variable(tf.randomNormal(shape, 0, 0.05)));
  const [w1, b1, w2, b2] = variables;
  const optimizer = tf.train.momentum(0.01, 0.9);
  const loss = () => {
    const logits = tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(x, w1), b1)), w2), b2);
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    return tf.neg(tf.mean(tf.sum(tf.mul(labels, tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)))), 1)));
  };
  return async () => {
    const value = optimizer.minimize(loss, true, variables);
    await value.data();
    value.dispose();
  };
}
