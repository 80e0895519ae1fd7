// ONNX Runtime's fastest CPU kernels store an image's channels in blocks. It converts networks with constant weights to that layout itself;
// this does the same for training graphs, whose weights are inputs: for convolutions, and for the operators between them.

import {
  BLOCKED,
  denseKernel,
  depthwiseKernel,
  extended,
  filledChannels,
  intoBlocks,
  kernelOfPlain,
  outOfBlocks,
  reshape,
  transposedDepthwise,
  transposedKernel,
} from "./blocked/kernels.ts";
import { canPoolByAxis, pooledByAxis, pooledByAxisGradient } from "./blocked/max-pool.ts";
import { joined, phasesOf } from "./blocked/transposed.ts";
import { GraphBuilder } from "./builder.ts";
import { blockedBounds } from "./clip-gradient.ts";
import { windowOf } from "./gradients/window.ts";
import { maximaOf } from "./max-pool.ts";
import {
  type Attributes,
  floatAttribute,
  type Graph,
  intAttribute,
  intsAttribute,
  type Node,
  OWN_DOMAIN,
  staticShape,
  type Value,
} from "./types.ts";
import { canCorrelate, correlatedWeightGradient } from "./weight-gradient.ts";

/** The same graph with images in blocks of `block` channels if they are convolved with computed weights. Blocks of 1 change nothing. */
export function blockChannels(graph: Graph, block: number): Graph {
  if (block === 1) return graph;
  const rewriting = new Rewriting(graph, block);
  for (const node of graph.nodes) rewriting.add(node);
  return rewriting.used ? rewriting.build() : graph;
}

/** Elementwise operators, which work in any layout. */
const ELEMENTWISE: ReadonlySet<string> = new Set(["Relu", "Clip", "HardSigmoid", "Sigmoid", "LeakyRelu", "Tanh", "Neg"]);
const ARITHMETIC: ReadonlySet<string> = new Set(["Add", "Sub", "Mul"]);

interface Convolution {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
}

/** The new graph under construction. A value exists in the plain layout, in blocks, or both; each form is built when first requested. */
class Rewriting {
  /** Whether any value is in blocks. */
  used = false;
  readonly #graph: Graph;
  readonly #block: number;
  readonly #builder = new GraphBuilder();
  readonly #blocked = new Map<string, Value>();
  readonly #renamed = new Map<string, Value>();
  readonly #makers = new Map<string, Node>();
  readonly #uses = new Map<string, number>();
  /** The convolution that computed a blocked value, if more can be fused into it. */
  readonly #convolutions = new Map<string, Convolution>();
  /** The maxima that have a gradient, and those of them that are pooled in blocks. */
  readonly #maxima: ReadonlySet<string>;
  readonly #pooled = new Set<string>();

  constructor(graph: Graph, block: number) {
    this.#graph = graph;
    this.#block = block;
    this.#maxima = maximaOf(graph.nodes);
    for (const input of graph.inputs) this.#builder.input(input.name, input.type, input.shape);
    for (const [name, value] of graph.constants) this.#builder.constant(value, name);
    this.#builder.reserve(graph.types.keys());
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.#makers.set(name, node);
      for (const name of node.inputs) this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
    }
    for (const { name } of graph.outputs) this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
  }

  build(): Graph {
    return this.#builder.build(Object.fromEntries(this.#graph.outputs.map(({ name }) => [name, this.#plain(name)])));
  }

  add(node: Node): void {
    const made = node.domain === "" || node.domain === OWN_DOMAIN || node.op === "FusedMatMul" ? this.#inBlocks(node) : undefined;
    if (made) {
      this.used = true;
      return;
    }
    for (const name of node.inputs) if (name !== "") this.#plain(name);
    const inputs = node.inputs.map((name) => this.#renamed.get(name)?.name ?? name);
    this.#builder.append({ ...node, inputs }, this.#graph);
  }

  /** Adds `node` on blocked images if possible and returns whether it did; its output is then known under its name. */
  #inBlocks(node: Node): boolean {
    const [output] = node.outputs as [string];
    const blocked = (value: Value | undefined): boolean => value !== undefined && this.#blocked.set(output, value) !== undefined;
    const plain = (value: Value | undefined): boolean => value !== undefined && this.#renamed.set(output, value) !== undefined;
    if (node.op === "Conv" || node.op === "ConvTranspose") {
      const value = this.#convolve(node);
      const channels = this.#type(output).shape[1] as number;
      return value?.shape[1] === channels ? blocked(value) : plain(value && outOfBlocks(this.#builder, value, channels));
    }
    if (node.op === "FusedMatMul") return plain(this.#rowProducts(node));
    if (node.op === "ConvWeightGrad") return plain(this.#weightGradient(node));
    if (node.op === "MaxPool") return blocked(this.#maxPool(node));
    if (node.op === "MaxPoolGrad") return blocked(this.#maxPoolGradient(node));
    const [first] = node.inputs as [string];
    if (ELEMENTWISE.has(node.op) && this.#blocked.has(first)) return blocked(this.#elementwise(node));
    if (node.op === "ClipGrad" && this.#blocked.has(first)) return blocked(this.#clipGradient(node));
    if (ARITHMETIC.has(node.op)) return blocked(this.#arithmetic(node));
    if (node.op === "ReduceMean" || node.op === "ReduceSum") return plain(this.#overPlaces(node));
    return false;
  }

  /** A convolution with computed weights. */
  #convolve(node: Node): Value | undefined {
    const [x, weight] = node.inputs.map((name) => this.#type(name)) as [Value, Value];
    if (this.#graph.constants.has(weight.name) || x.shape.length !== 4 || node.attributes.auto_pad) return undefined;
    if ([...x.shape, ...weight.shape].some((size) => typeof size === "string")) return undefined;
    if (node.op === "ConvTranspose") return this.#transposed(node, x, weight);
    const operands = this.#operands(node, x, weight);
    if (!operands) return undefined;
    const [, kernel] = operands;
    const bias = node.inputs[2] ? this.#plain(node.inputs[2]) : undefined;
    return this.#convolution([...operands, bias], {
      group: intAttribute(node, "group", 1),
      kernel_shape: kernel.shape.slice(2) as number[],
      strides: intsAttribute(node, "strides") ?? [1, 1],
      dilations: intsAttribute(node, "dilations") ?? [1, 1],
      pads: intsAttribute(node, "pads") ?? [0, 0, 0, 0],
    });
  }

  /** The image and the weights for the blocked form of Conv `node`; undefined if it has no such form or would not be faster. */
  #operands(node: Node, x: Value, weight: Value): readonly [Value, Value] | undefined {
    const group = intAttribute(node, "group", 1);
    const channels = x.shape[1] as number;
    const [out, perGroup, ...kernel] = staticShape(weight) as [number, number, number, number];
    if (group > 1) {
      if (group !== channels || perGroup !== 1 || out !== group || !this.#whole(group)) return undefined;
      // A factor per channel is elementwise work, which is not worth converting an image to blocks.
      const image = this.#imageBehind(x.name);
      if (kernel.every((size) => size === 1) && !this.#blocked.has(image)) return undefined;
      return [this.#view(image, x.shape as number[]), this.#depthwise(weight)];
    }
    const plain = (): Value => this.#plain(weight.name);
    if (channels < this.#block)
      return this.#whole(out) ? [this.#plain(x.name), kernelOfPlain(this.#builder, plain(), this.#block)] : undefined;
    const sizes = filledChannels(out, channels, this.#block);
    // A bias is not filled.
    if (!sizes || (sizes[0] !== out && node.inputs[2])) return undefined;
    return [this.#inFullBlocks(x, sizes[1]), denseKernel(this.#builder, extended(this.#builder, plain(), ...sizes), this.#block)];
  }

  #whole(channels: number): boolean {
    return channels % this.#block === 0;
  }

  /** The image `x` in blocks, with zeros up to `channels`. */
  #inFullBlocks(x: Value, channels: number): Value {
    if (x.shape[1] === channels) return this.#inBlocksOf(x.name);
    return intoBlocks(this.#builder, extended(this.#builder, this.#plain(x.name), x.shape[0] as number, channels));
  }

  #depthwise(weight: Value): Value {
    const image = this.#imageBehind(weight.name);
    if (image !== weight.name) return this.#view(image, weight.shape as number[]);
    return depthwiseKernel(this.#builder, this.#plain(weight.name));
  }

  /** A ConvTranspose as plain convolutions, one for each phase of its stride. */
  #transposed(node: Node, x: Value, weight: Value): Value | undefined {
    const group = intAttribute(node, "group", 1);
    const [channels, perGroup] = staticShape(weight) as [number, number];
    const depthwise = group === channels && perGroup === 1;
    if (!depthwise && group > 1) return undefined;
    const sizes = depthwise ? this.#whole(channels) && [channels, 1] : filledChannels(channels, perGroup, this.#block);
    const whole = this.#type(node.outputs[0] as string);
    const phases = phasesOf(node, x, weight, whole);
    if (!sizes || !phases || node.inputs[2]) return undefined;
    const image = this.#inFullBlocks(x, sizes[0] as number);
    const plain = extended(this.#builder, this.#plain(weight.name), ...sizes);
    const shape = [whole.shape[0], (sizes[1] as number) * group, ...whole.shape.slice(2)] as number[];
    return joined(this.#builder, phases, shape, this.#block, ({ places, kernel, pads }) => {
      const own = depthwise
        ? transposedDepthwise(this.#builder, plain, places, kernel)
        : transposedKernel(this.#builder, plain, this.#block, places, kernel);
      const dilations = intsAttribute(node, "dilations") ?? [1, 1];
      return this.#convolution([image, own], { group, kernel_shape: kernel, strides: [1, 1], dilations, pads });
    });
  }

  #convolution(inputs: Convolution["inputs"], attributes: Parameters<GraphBuilder["add"]>[2] & object): Value {
    const value = this.#builder.add("Conv", inputs, attributes, { domain: BLOCKED });
    const made = this.#builder.nodes.findLast(({ outputs }) => outputs[0] === value.name) as Node;
    this.#convolutions.set(value.name, { inputs, attributes: made.attributes });
    return value;
  }

  /** An activation, fused into the convolution before it if nothing else uses that convolution's output. */
  #elementwise(node: Node): Value {
    const [name, ...rest] = node.inputs as [string, ...string[]];
    const x = this.#blocked.get(name) as Value;
    const convolution = this.#convolutions.get(x.name);
    const limits = rest.map((bound) => Number(this.#graph.constants.get(bound)?.data[0]));
    const isClip = node.op === "Clip" && limits.length === 2;
    if (convolution && this.#uses.get(name) === 1 && !convolution.attributes.activation && (node.op === "Relu" || isClip)) {
      const parameters = isClip ? { activation_params: { kind: "floats", value: limits } as const } : {};
      return this.#convolution(convolution.inputs, { ...convolution.attributes, activation: node.op, ...parameters });
    }
    return this.#builder.add(node.op, [x, ...rest.map((bound) => this.#plain(bound))], node.attributes);
  }

  #arithmetic(node: Node): Value | undefined {
    const [left, right] = node.inputs as [string, string];
    const image = [left, right].find((name) => this.#blocked.has(name));
    if (image === undefined) return undefined;
    const { shape } = this.#type(image);
    const other = image === left ? right : left;
    const { shape: otherShape } = this.#type(other);
    if (otherShape.join() === shape.join()) return this.#sameShape(node, image, other);
    const operands = (value: Value): readonly Value[] =>
      image === left ? [this.#inBlocksOf(image), value] : [value, this.#inBlocksOf(image)];
    if (otherShape.every((size) => size === 1)) return this.#builder.add(node.op, operands(this.#plain(other)), node.attributes);
    return otherShape.join() === [1, shape[1], 1, 1].join() ? this.#perChannel(node, image, other) : undefined;
  }

  /** An operator on two images; a sum is fused into the convolution that computed one of them. */
  #sameShape(node: Node, image: string, other: string): Value {
    if (node.op === "Add") {
      for (const [own, addend] of [
        [image, other],
        [other, image],
      ] as const) {
        const convolution = this.#convolutions.get(this.#blocked.get(own)?.name ?? "");
        if (
          !convolution ||
          own === addend ||
          this.#uses.get(own) !== 1 ||
          convolution.inputs.length > 3 ||
          convolution.attributes.activation
        )
          continue;
        const [x, weight, bias] = convolution.inputs;
        return this.#convolution([x, weight, bias, this.#inBlocksOf(addend)], convolution.attributes);
      }
    }
    return this.#builder.add(
      node.op,
      node.inputs.map((name) => this.#inBlocksOf(name)),
      node.attributes,
    );
  }

  /** A factor or an offset per channel: a convolution with one weight per channel. */
  #perChannel(node: Node, image: string, other: string): Value | undefined {
    const channels = this.#type(image).shape[1] as number;
    const flip = node.op === "Sub";
    if (flip && image !== node.inputs[0]) return undefined;
    const given = this.#plain(other);
    const value = flip ? this.#builder.add("Neg", [given]) : given;
    const ones = (): Value =>
      this.#builder.constant({ type: "float32", shape: [channels, 1, 1, 1], data: new Float32Array(channels).fill(1) });
    const weight = node.op === "Mul" ? reshape(this.#builder, value, [channels, 1, 1, 1]) : ones();
    const bias = node.op === "Mul" ? undefined : reshape(this.#builder, value, [channels]);
    return this.#convolution([this.#inBlocksOf(image), weight, bias], {
      group: channels,
      kernel_shape: [1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
    });
  }

  /** The gradient of ReLU6. */
  #clipGradient(node: Node): Value {
    const [y, gradient] = node.inputs.map((name) => this.#inBlocksOf(name)) as [Value, Value];
    return this.#builder.add("Mul", [gradient, blockedBounds(this.#builder, node, y)]);
  }

  /** The maxima of an image in blocks, if their gradient can be computed there too. */
  #maxPool(node: Node): Value | undefined {
    const [name, output] = [node.inputs[0], node.outputs[0]] as [string, string];
    const x = this.#blocked.get(name);
    if (!x || !this.#maxima.has(output)) return undefined;
    const window = windowOf(node, x, this.#type(output));
    if (!canPoolByAxis(window)) return undefined;
    this.#pooled.add(output);
    return pooledByAxis(this.#builder, x, window);
  }

  #maxPoolGradient(node: Node): Value | undefined {
    const [x, y, gradient] = node.inputs as [string, string, string];
    if (!this.#pooled.has(y)) return undefined;
    const image = this.#inBlocksOf(x);
    return pooledByAxisGradient(this.#builder, image, this.#inBlocksOf(gradient), windowOf(node, image, this.#type(y)), this.#block);
  }

  /** The mean or sum of each channel, [1, channels, 1, 1]. */
  #overPlaces(node: Node): Value | undefined {
    const image = this.#blocked.get(node.inputs[0] as string);
    const axes = this.#graph.constants.get(node.inputs[1] ?? "");
    if (!image || !axes || Array.from(axes.data as ArrayLike<bigint>, Number).join() !== "0,2,3" || intAttribute(node, "keepdims", 1) !== 1)
      return undefined;
    const means = this.#builder.add("GlobalAveragePool", [image], {}, { domain: BLOCKED });
    const whole = this.#builder.add(node.op, [means, this.#builder.ints([0])], { keepdims: 1 });
    if (node.op === "ReduceMean") return whole;
    const [, , height, width] = staticShape(image) as [number, number, number, number];
    return this.#builder.add("Mul", [whole, this.#builder.scalar(height * width)]);
  }

  /** Sums of products per channel, [batch · channels, 1, 1], written as products of rows: a convolution whose kernel covers the image. */
  #rowProducts(node: Node): Value | undefined {
    const images = node.inputs.map((name) => this.#imageBehind(name));
    const [left, right] = images as [string, string];
    const { shape } = this.#type(node.outputs[0] as string);
    if (!images.some((name) => this.#blocked.has(name)) || shape.slice(1).join() !== "1,1" || floatAttribute(node, "alpha", 1) !== 1)
      return undefined;
    const [batch, channels, ...size] = staticShape(this.#type(left)) as [number, number, number, number];
    const groups = batch * channels;
    if (shape[0] !== groups || channels % this.#block !== 0) return undefined;
    const views = [this.#view(left, [1, groups, ...size]), this.#view(right, [groups, 1, ...size])];
    const sums = this.#builder.add(
      "Conv",
      views,
      { group: groups, kernel_shape: size, strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
      { domain: BLOCKED },
    );
    return reshape(this.#builder, sums, [groups, 1, 1]);
  }

  /** The weight gradient of a convolution, [out, in, height, width]. */
  #weightGradient(node: Node): Value | undefined {
    const [x, gradient] = node.inputs.map((name) => this.#type(name)) as [Value, Value];
    const window = windowOf(node, x, gradient);
    if (!canCorrelate(x, gradient, window, intAttribute(node, "group", 1), this.#block)) return undefined;
    const image = (x.shape[1] as number) < this.#block ? this.#plain(x.name) : this.#inBlocksOf(x.name);
    return correlatedWeightGradient(this.#builder, image, this.#inBlocksOf(gradient.name), window, this.#block);
  }

  /** The value that `name` is a reshape of, if both are images of the same size; else `name`. */
  #imageBehind(name: string): string {
    const maker = this.#makers.get(name);
    if (maker?.op !== "Reshape") return name;
    const source = this.#type(maker.inputs[0] as string);
    const whole = source.shape.length === 4 && (source.shape[1] as number) % this.#block === 0;
    const { shape } = this.#type(name);
    const places = shape.length === 4 ? shape.slice(2).join() === source.shape.slice(2).join() : shape.length === 3 && shape[1] === 1;
    return whole && places ? source.name : name;
  }

  /** The blocked image `name` with its elements divided differently into batch and channels. */
  #view(name: string, shape: readonly number[]): Value {
    return reshape(this.#builder, this.#inBlocksOf(name), shape);
  }

  #inBlocksOf(name: string): Value {
    const made = this.#blocked.get(name);
    if (made) return made;
    const value = intoBlocks(this.#builder, this.#plain(name));
    this.#blocked.set(name, value);
    return value;
  }

  #plain(name: string): Value {
    const renamed = this.#renamed.get(name);
    if (renamed) return renamed;
    const blocked = this.#blocked.get(name);
    if (blocked && !this.#builder.has(name)) {
      const attributes: Attributes = { channels: { kind: "int", value: blocked.shape[1] as number } };
      this.#builder.append({
        name: `${name}.plain`,
        op: "ReorderOutput",
        domain: BLOCKED,
        inputs: [blocked.name],
        outputs: [name],
        attributes,
      });
    }
    return this.#builder.value(name);
  }

  #type(name: string): Value {
    return { name, ...(this.#graph.types.get(name) as Omit<Value, "name">) };
  }
}
