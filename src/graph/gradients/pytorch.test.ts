// Every operator against PyTorch's results in test/reference/gradients.json, made by make_gradients.py.

import { expect, test } from "vitest";
import { gradientsOf } from "../../../test/check-gradient.ts";
import { imageBatch } from "../../../test/reference/formula.ts";
import cases from "../../../test/reference/gradients.json" with { type: "json" };
import { float32, full, type Tensor } from "../../core/tensor.ts";
import type { GraphBuilder } from "../builder.ts";
import { binaryCrossEntropy, l1, softmaxCrossEntropy } from "../losses.ts";
import { float, type Value } from "../types.ts";
import { differentiableOperators } from "./table.ts";

type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

function build(graph: GraphBuilder, { op, attributes: given, constants }: Case, values: readonly Value[]): Value {
  const { axes, pads, min, max, exponent, ...rest } = given;
  const fraction = (value: Attributes[string]): boolean => typeof value === "number" && !Number.isInteger(value);
  const attributes = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, fraction(value) ? float(Number(value)) : value]),
  );
  const [x, second] = values as [Value, Value];
  if (op === "Pow") return graph.add(op, [x, graph.scalar(Number(exponent))]);
  if (op === "Where") return graph.add(op, [graph.add("Greater", [x, second]), x, second]);
  if (constants.length > 0) return graph.add(op, [...values, ...constants.map((values) => graph.ints(values))], attributes);
  if (op === "SoftmaxCrossEntropy") return softmaxCrossEntropy(graph, x, second).loss;
  if (op === "BinaryCrossEntropy") return binaryCrossEntropy(graph, x, second).loss;
  if (op === "L1") return l1(graph, x, second).loss;
  if (op === "Clip") return graph.add(op, [x, graph.scalar(Number(min)), graph.scalar(Number(max))]);
  if (op === "Pad") return graph.add(op, [x, graph.ints(pads as number[])], attributes);
  if (op === "BatchNormalization") {
    const running = graph.constant(full([x.shape[1] as number], 1));
    return graph.add(op, [...values, running, running], attributes);
  }
  return graph.add(
    op,
    axes ? [...values, graph.ints(axes as number[])] : values,
    pads === undefined ? attributes : { ...attributes, pads },
  );
}

test.each(cases as readonly Case[])("$key $attributes has PyTorch's output and gradients", async (given) => {
  const { key, inputs, output, shape, gradients } = given;
  const values = Object.entries(inputs).map(([name, size]) => [name, inputOf(given, name, size)] as const);
  const weights = imageBatch(`${key} weights`, shape);
  const found = await gradientsOf(
    Object.fromEntries(values),
    (graph, named) =>
      build(
        graph,
        given,
        values.map(([name]) => named[name] as Value),
      ),
    weights,
  );
  expect(found.output.shape).toEqual(shape);
  expect(found.output).toBeAllClose(output, 1e-5);
  for (const [name, expected] of Object.entries(gradients)) expect(found.gradients[name] as Tensor, name).toBeAllClose(expected, 2e-5);
});

test("every operator with a gradient rule has a case from PyTorch", () => {
  expect(differentiableOperators.filter((op) => !(cases as readonly Case[]).some((given) => given.op === op))).toEqual([]);
});

function inputOf({ key, steps, positive }: Case, name: string, size: readonly number[]): Tensor<"float32"> {
  const noise = imageBatch(`${key} ${name}`, size);
  if (steps)
    return float32(
      noise.data.map((value) => Math.floor(value * 2) / 2),
      size,
    );
  return positive
    ? float32(
        noise.data.map((value) => Math.abs(value) + 0.5),
        size,
      )
    : noise;
}

interface Case {
  readonly key: string;
  readonly op: string;
  readonly attributes: Attributes;
  readonly steps: boolean;
  /** Further integer inputs: shapes, axes. */
  readonly constants: readonly (readonly number[])[];
  readonly positive: boolean;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly output: readonly number[];
  readonly shape: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}
