// Static 8-bit quantisation of an inference graph: weights become int8, activations uint8, and operators their integer forms.
// Operators without an integer form or a known range are computed in float, with conversions around them.

import type { Tensor } from "../core/tensor.ts";
import { GraphBuilder } from "./builder.ts";
import { integerConvolution, meanError, type Uint8Scale, uint8Scale, type ValueRange } from "./quantize/integers.ts";
import { planQuantization, type QuantizationStep } from "./quantize/plan.ts";
import { type Graph, intAttribute, type Node, type Value } from "./types.ts";

export type { ValueRange } from "./quantize/integers.ts";

/** The values of `graph` whose ranges `quantize` can use, in the order of computation. */
export function quantizableValues(graph: Graph): readonly string[] {
  const { steps } = planQuantization(graph, () => true);
  const names = [...steps].flatMap(([node, step]) => {
    if (node.op === "MaxPool") return [];
    return node.op === "Conv" ? [node.inputs[0] as string, step.output] : [step.output];
  });
  const kept = new Set(names);
  for (const [node, step] of steps) if (node.op === "MaxPool") kept.delete(step.output);
  return [...kept];
}

/** Statistics of a graph's values, from calibration. */
export interface ValueStatistics {
  readonly ranges: ReadonlyMap<string, ValueRange>;
  /** The mean of each channel of images [batch, channels, ...]; convolutions of values without it are not corrected. */
  readonly means?: ReadonlyMap<string, ArrayLike<number>>;
}

/**
 * The same graph with 8-bit operators for the values in `ranges`. Batch norm must be folded (`foldBatchNorm`). Weights are symmetric int8
 * per output channel, activations asymmetric uint8 per tensor; ReLU and Clip are absorbed by the range of the operator before them (Jacob
 * et al. 2018). The mean error of rounded weights is corrected in the bias. Inputs and outputs keep their names and types.
 */
export function quantize(graph: Graph, { ranges, means = new Map() }: ValueStatistics): Graph {
  const { steps, absorbed } = planQuantization(graph, (value) => ranges.has(value));
  const rewriting = new Rewriting(graph, ranges, means);
  for (const node of graph.nodes) {
    const step = steps.get(node);
    if (step) rewriting.integer(node, step);
    else if (!absorbed.has(node)) rewriting.float(node);
  }
  return rewriting.build();
}

/** An 8-bit value: its tensor with scale and zero point, as inputs of operators. */
interface Quantized extends Uint8Scale {
  readonly operands: readonly [Value, Value, Value];
}

/** The new graph under construction, and its 8-bit values. */
class Rewriting {
  readonly #graph: Graph;
  readonly #ranges: ReadonlyMap<string, ValueRange>;
  readonly #means: ReadonlyMap<string, ArrayLike<number>>;
  readonly #builder = new GraphBuilder();
  readonly #quantized = new Map<string, Quantized>();

  constructor(graph: Graph, ranges: ReadonlyMap<string, ValueRange>, means: ReadonlyMap<string, ArrayLike<number>>) {
    this.#graph = graph;
    this.#ranges = ranges;
    this.#means = means;
    for (const input of graph.inputs) this.#builder.input(input.name, input.type, input.shape);
    for (const [name, value] of graph.constants) this.#builder.constant(value, name);
  }

  build(): Graph {
    return this.#builder.build(Object.fromEntries(this.#graph.outputs.map(({ name }) => [name, this.#float(name)])));
  }

  /** Adds `node` unchanged. */
  float(node: Node): void {
    for (const name of node.inputs) if (name !== "") this.#float(name);
    this.#builder.append(node, this.#graph);
  }

  /** Adds the integer form of `node`. */
  integer(node: Node, step: QuantizationStep): void {
    const inputs = node.op === "Conv" ? [node.inputs[0] as string] : node.inputs;
    const operands = inputs.map((name) => this.#integer(name));
    const [x] = operands as [Quantized];
    if (node.op === "MaxPool") {
      const value = this.#builder.add("MaxPool", [x.operands[0]], node.attributes, { name: `${node.name}.uint8` });
      this.#quantized.set(step.output, { ...x, operands: [value, x.operands[1], x.operands[2]] });
      return;
    }
    const { scale, zero } = uint8Scale(clip(this.#ranges.get(step.output) as ValueRange, step.limits));
    const [scaleValue, zeroValue] = [this.#builder.scalar(scale), this.#uint8(zero)];
    const value = this.#operator(node, operands, scaleValue, zeroValue);
    this.#quantized.set(step.output, { scale, zero, operands: [value, scaleValue, zeroValue] });
  }

  #operator(node: Node, operands: readonly Quantized[], scale: Value, zero: Value): Value {
    const name = `${node.name}.uint8`;
    const tensors = operands.flatMap((operand) => operand.operands);
    switch (node.op) {
      case "Conv":
        return this.#builder.add("QLinearConv", this.#convolutionInputs(node, operands[0] as Quantized, scale, zero), node.attributes, {
          name,
        });
      case "Add":
        return this.#builder.add("QLinearAdd", [...tensors, scale, zero], {}, { name, domain: "com.microsoft" });
      default:
        return this.#builder.add(
          "QLinearConcat",
          [scale, zero, ...tensors],
          { axis: intAttribute(node, "axis", 0) },
          { name, domain: "com.microsoft" },
        );
    }
  }

  #convolutionInputs(node: Node, x: Quantized, scale: Value, zero: Value): readonly Value[] {
    const constant = (i: number): Tensor | undefined => this.#graph.constants.get(node.inputs[i] ?? "");
    const float = constant(1) as Tensor<"float32">;
    const integers = integerConvolution(float, constant(2), x.scale);
    const { weight, scales } = integers;
    const means = this.#means.get(node.inputs[0] as string);
    const errors = means && meanError(float, integers, means);
    const bias = errors
      ? { ...integers.bias, data: integers.bias.data.map((value, i) => value + Math.round(errors[i]! / (x.scale * scales.data[i]!))) }
      : integers.bias;
    const zeros: Tensor = { type: "int8", shape: scales.shape, data: new Int8Array(scales.data.length) };
    const weights = [weight, scales, zeros].map((value) => this.#builder.constant(value));
    return [...x.operands, ...weights, scale, zero, this.#builder.constant(bias)];
  }

  /** The float value `name`, dequantised if it exists only in 8 bit. */
  #float(name: string): Value {
    const quantized = this.#quantized.get(name);
    if (quantized && !this.#builder.has(name)) {
      const inputs = quantized.operands.map((operand) => operand.name);
      this.#builder.append({ name: `${name}.float`, op: "DequantizeLinear", domain: "", inputs, outputs: [name], attributes: {} });
    }
    return this.#builder.value(name);
  }

  /** The value `name` in 8 bit, quantised if it exists only in float. */
  #integer(name: string): Quantized {
    const made = this.#quantized.get(name);
    if (made) return made;
    const { scale, zero } = uint8Scale(this.#ranges.get(name) as ValueRange);
    const [scaleValue, zeroValue] = [this.#builder.scalar(scale), this.#uint8(zero)];
    const value = this.#builder.add("QuantizeLinear", [this.#builder.value(name), scaleValue, zeroValue], {}, { name: `${name}.uint8` });
    const quantized: Quantized = { scale, zero, operands: [value, scaleValue, zeroValue] };
    this.#quantized.set(name, quantized);
    return quantized;
  }

  #uint8(value: number): Value {
    return this.#builder.constant({ type: "uint8", shape: [], data: Uint8Array.of(value) });
  }
}

function clip([low, high]: ValueRange, [least, most]: ValueRange): ValueRange {
  return [Math.max(low, least), Math.min(high, most)];
}
