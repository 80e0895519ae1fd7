// Whether WebGPU computes a row right: prints by how much it differs from the processor, relative to the largest value. Compared are the outputs of
// a forward row, and the losses of three steps of a training row, at a rate at which rounding errors do not grow.

import { parseArgs } from "node:util";
import { taskOf } from "../engine/tasks.mjs";

const { values } = parseArgs({ options: { task: { type: "string" } } });
const given = JSON.parse(values.task);
const task = { ...given, steps: given.kind === "train" ? 3 : 1, lr: 1e-5 };
const results = [];
for (const device of ["cpu", "webgpu"]) {
  const round = await taskOf(task, { device });
  const found = await round();
  results.push(given.kind === "train" ? found : Object.values(found).flatMap(({ data }) => [...data]));
}
const [expected, computed] = results;
const largest = Math.max(...expected.map(Math.abs));
const worst = Math.max(...expected.map((value, i) => Math.abs(value - computed[i])));
// A value that is no number differs from every other.
console.log(Number.isFinite(worst) ? worst / largest : Number.POSITIVE_INFINITY);
process.exit(0);
