// Where ONNX Runtime spends the time of a row's forward pass or training step, by its own profiler, after `npm run build`:
//   node bench/engine/profile.mjs int8-resnet34 [--runs 10] [--top 30] [--threads n]
// Prints milliseconds a run of each operator, then of each operator with its shapes.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as ort from "onnxruntime-node";
import { zeros } from "../../dist/core/tensor.js";
import { lower } from "../../dist/graph/lower.js";
import { encodeModel } from "../../dist/graph/model.js";
import { sgd } from "../../dist/learner/step/optimizer.js";
import { buildTrainingStep } from "../../dist/learner/step/training-step.js";
import { oneHot } from "../../dist/learner/task/one-hot.js";
import { initialiseParameters } from "../../dist/nn/initialise.js";
import { describeParameters } from "../../dist/nn/scope.js";
import { channelBlock } from "../../dist/runtime/channel-block.js";
import { engine } from "../../dist/runtime/engine.node.js";
import { rows } from "./rows.mjs";
import { forwardGraph, stagesOf, uniform } from "./tasks.mjs";

const { values, positionals } = parseArgs({
  options: {
    runs: { type: "string", default: "10" },
    top: { type: "string", default: "30" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
  allowPositionals: true,
});
const known = rows.filter(({ task }) => task.kind !== "head");
const task = known.find(({ name }) => name === positionals[0])?.task;
if (!task) {
  console.error(`Name one of ${known.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}
const threads = Number(values.threads);
const { graph, feeds } = task.kind === "train" ? await trainingStep() : await forwardPass();
const folder = mkdtempSync(join(tmpdir(), "thaw-profile-"));
try {
  const session = await ort.InferenceSession.create(encodeModel(graph), {
    intraOpNumThreads: threads,
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
  });
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, shape }]) => [name, new ort.Tensor(type, data, shape)]),
  );
  const runs = Number(values.runs);
  for (let i = 0; i < runs; i++) await session.run(inputs);
  session.endProfiling();
  const events = JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]), "utf8"));
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  print(({ op_name }) => op_name);
  print(({ op_name, input_type_shape, output_type_shape }) => `${op_name} ${shapes(input_type_shape)} → ${shapes(output_type_shape)}`);

  function print(keyOf) {
    const sums = new Map();
    for (const { dur, args } of kernels) {
      const sum = sums.get(keyOf(args)) ?? { time: 0, count: 0 };
      sums.set(keyOf(args), { time: sum.time + dur / 1000 / runs, count: sum.count + 1 / runs });
    }
    const sorted = [...sums].sort(([, a], [, b]) => b.time - a.time).slice(0, Number(values.top));
    for (const [key, { time, count }] of sorted)
      console.log(`${time.toFixed(2).padStart(9)} ms ${String(Math.round(count)).padStart(4)} × ${key}`);
    console.log();
  }
} finally {
  rmSync(folder, { recursive: true });
}

function shapes(list) {
  return list.map((entry) => Object.values(entry)[0].join("×")).join(", ");
}

async function forwardPass() {
  const { graph, input } = await forwardGraph(task, { threads });
  return { graph: lower(graph), feeds: { input } };
}

async function trainingStep() {
  const { network, batch, size } = task;
  const stages = stagesOf(network);
  const inputShape = [batch, 3, size, size];
  const parameters = initialiseParameters(describeParameters(stages, inputShape), "bench");
  const options = {
    stages,
    inputType: "float32",
    inputShape,
    classes: 1000,
    parameters,
    trainable: () => true,
    bnFreeze: false,
    optimizer: sgd(),
  };
  const { graph } = buildTrainingStep(options);
  const classes = Array.from({ length: batch }, (_, i) => i);
  const given = { input: uniform(inputShape, "images"), targets: oneHot(classes, 1000), ...Object.fromEntries(parameters) };
  // Rates of 0 do the same work and leave the weights as they are.
  const feeds = graph.inputs.map(({ name, shape }) => [name, given[name] ?? zeros("float32", shape)]);
  return { graph: lower(graph, { block: await channelBlock(engine) }), feeds: Object.fromEntries(feeds) };
}
