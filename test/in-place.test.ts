// Activations of ONNX Runtime's WebAssembly whose output takes their input's place (scripts/in-place.mjs), beside the file that its package has.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withVectorsInPlace } from "../scripts/in-place.mjs";
import { encodeModel, GraphBuilder, type Value } from "../src/graph/index.ts";
import { resultsOf } from "./fixtures/wasm-results.ts";

const THEIRS = fileURLToPath(new URL("../node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", import.meta.url));

const NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 6, 1e-40, -1e-40, 5e37];

/** Both activations of the first `size` numbers of x, between other operators, so that ONNX Runtime gives them their input's place. */
function runOf(size: number) {
  const graph = new GraphBuilder();
  const input = graph.input("x", "float32", [size]);
  const between = (factor: number, activation: (value: Value) => Value) =>
    graph.add("Mul", [activation(graph.add("Mul", [input, graph.scalar(factor)])), graph.scalar(0.5)]);
  const results = [
    between(2, (value) => graph.add("Clip", [value, graph.scalar(0), graph.scalar(6)])),
    between(4, (value) => graph.add("HardSigmoid", [value])),
  ];
  const x = Float32Array.from({ length: size }, (_, i) => (i % 3 === 0 ? (NUMBERS[(i / 3) % NUMBERS.length] as number) : 9 * Math.sin(i)));
  return { model: encodeModel(graph.build({ y: graph.add("Concat", results, { axis: 0 }) })), x, shape: [size] };
}

const runs = [...Array.from({ length: 40 }, (_, i) => i + 1), 1000, 40_001].map(runOf);

/** With pmax in place of pmin in the loops that take four numbers at a time. */
function wrong(wasm: Buffer) {
  const [lesser, greater] = [Buffer.of(0xfd, 0xea, 0x01), Buffer.of(0xfd, 0xeb, 0x01)];
  const changed = Buffer.from(wasm);
  for (let i = changed.indexOf(lesser); i >= 0; i = changed.indexOf(lesser, i)) greater.copy(changed, i);
  return changed;
}

test("activations in place give the bits of the package's own file, four numbers at a time", async () => {
  const theirs = await readFile(THEIRS);
  const expected = await resultsOf(theirs, 1, runs);
  const ours = withVectorsInPlace(theirs);
  expect(await resultsOf(ours, 1, runs)).toEqual(expected);
  expect(await resultsOf(wrong(theirs), 1, runs)).toEqual(expected);
  for (const [i, y] of (await resultsOf(wrong(ours), 1, runs)).entries()) {
    const size = y.length / 2;
    for (const part of [0, size])
      if (size >= 4) expect(y.slice(part, part + size), `${i}`).not.toEqual(expected[i]?.slice(part, part + size));
  }
});

test("a file without these loops is refused", () => {
  const empty = Buffer.from("0061736d010000000a0100", "hex");
  expect(() => withVectorsInPlace(empty)).toThrow("0 loops of an activation were found instead of 8");
});
