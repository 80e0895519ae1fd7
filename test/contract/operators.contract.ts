// Every engine gives PyTorch's outputs and gradients for the operators that networks are made of (operators.json, expected.json).

import { expect, test } from "vitest";
import { float32 } from "../../src/core/tensor.ts";
import { differentiate } from "../../src/graph/backward.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/types.ts";
import { imageBatch } from "../reference/formula.ts";
import { contract, open } from "./device.ts";
import expected from "./expected.json" with { type: "json" };
import cases from "./operators.json" with { type: "json" };

interface OperatorCase {
  readonly name: string;
  readonly op: string;
  /** The shape of an input, or a constant. */
  readonly inputs: readonly (readonly number[] | { readonly float?: number; readonly ints?: readonly number[] })[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
  /** Default 1. */
  readonly outputs?: number;
  /** The number of leading inputs with a gradient; default all that are not constants. */
  readonly trained?: number;
}

interface Expected {
  readonly outputs: readonly (readonly number[])[];
  readonly gradients: readonly (readonly number[])[];
}

const table: Readonly<Record<string, Expected>> = expected.operators;

contract("operators", () => {
  test.for(cases as readonly OperatorCase[])("$name agrees with PyTorch, forward and backward", async (item) => {
    const graph = new GraphBuilder();
    const inputs = item.inputs.map((input, i) => inputOf(graph, input, i));
    const outputs = graph.addMany(item.op, inputs, item.attributes ?? {}, item.outputs ?? 1);
    const fed = inputs.filter((_, i) => Array.isArray(item.inputs[i]));
    const trained = fed.slice(0, item.trained);
    const gradients = differentiate(graph, weightedSum(graph, item.name, outputs[0] as Value), trained);
    const named = (kind: string, values: readonly Value[]): [string, Value][] => values.map((value, i) => [`${kind} ${i}`, value]);

    const session = await open(graph, Object.fromEntries([...named("output", outputs), ...named("gradient", gradients)]));
    const feeds = fed.map(({ name, shape }) => [name, imageBatch(`${item.name} ${name}`, shape as number[])]);
    const results = await session.run(Object.fromEntries(feeds));
    await session.release();

    const reference = table[item.name] as Expected;
    expect(reference.outputs).toHaveLength(outputs.length);
    expect(reference.gradients).toHaveLength(trained.length);
    for (const [i, numbers] of reference.outputs.entries()) expect(results[`output ${i}`]).toBeAllClose(numbers, 1e-4);
    for (const [i, numbers] of reference.gradients.entries()) expect(results[`gradient ${i}`]).toBeAllClose(numbers, 1e-4);
  });
});

function inputOf(graph: GraphBuilder, input: OperatorCase["inputs"][number], i: number): Value {
  if ("length" in input) return graph.input(`input ${i}`, "float32", input);
  return input.ints ? graph.ints(input.ints) : graph.constant(float32(input.float ?? 0));
}

/** A scalar whose gradient with respect to `y` is noise, so that no two elements of a gradient are equal. */
function weightedSum(graph: GraphBuilder, name: string, y: Value): Value {
  const slope = graph.constant(imageBatch(`${name} slope`, y.shape as number[]));
  return graph.add("ReduceSum", [graph.add("Mul", [y, slope])], { keepdims: 0 });
}
