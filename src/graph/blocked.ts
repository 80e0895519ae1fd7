// ONNX Runtime's fastest CPU kernels store an image's channels in blocks. It converts networks with constant weights to that layout itself;
// this does the same for training graphs, whose weights are inputs: for convolutions, and for the operators between them.

import { full } from "../core/tensor.ts";
import { besideColumns, columnsShape } from "./blocked/columns.ts";
import { Images } from "./blocked/images.ts";
import {
  BLOCKED,
  denseKernel,
  depthwiseKernel,
  extended,
  filledChannels,
  intoBlocks,
  kernelOfPlain,
  oneWeightEach,
  outOfBlocks,
  productsOfImages,
  reshape,
  transposedDepthwise,
  transposedKernel,
} from "./blocked/kernels.ts";
import { canPoolByAxis, pooledByAxis, pooledByAxisGradient } from "./blocked/max-pool.ts";
import { joined, phasesOf } from "./blocked/transposed.ts";
import { blockedWeightGradient } from "./blocked/weight-gradient.ts";
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
import { canCorrelate } from "./weight-gradient.ts";

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

/** The new graph under construction. */
class Rewriting {
  /** Whether any value is in blocks. */
  used = false;
  readonly #graph: Graph;
  readonly #block: number;
  readonly #builder = new GraphBuilder();
  readonly #images: Images;
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
    this.#images = new Images(graph, this.#builder, block);
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
    return this.#builder.build(Object.fromEntries(this.#graph.outputs.map(({ name }) => [name, this.#images.plain(name)])));
  }

  add(node: Node): void {
    const made = node.domain === "" || node.domain === OWN_DOMAIN || node.op === "FusedMatMul" ? this.#inBlocks(node) : undefined;
    if (made) {
      this.used = true;
      return;
    }
    for (const name of node.inputs) if (name !== "") this.#images.plain(name);
    const inputs = node.inputs.map((name) => this.#images.renamed(name));
    this.#builder.append({ ...node, inputs }, this.#graph);
  }

  /** Adds `node` on blocked images if possible and returns whether it did; its output is then known under its name. */
  #inBlocks(node: Node): boolean {
    const [output] = node.outputs as [string];
    const blocked = (value: Value | undefined): boolean => {
      if (value) this.#images.setBlocked(output, value);
      return value !== undefined;
    };
    const plain = (value: Value | undefined): boolean => {
      if (value) this.#images.setPlain(output, value);
      return value !== undefined;
    };
    const alone = (value: Value | undefined): boolean => blocked(value && this.#images.fromAlone(output, value));
    if (node.op === "Conv" || node.op === "ConvTranspose") {
      const value = this.#convolve(node);
      const channels = this.#images.type(output).shape[1] as number;
      return value?.shape[1] === channels ? blocked(value) : plain(value && outOfBlocks(this.#builder, value, channels));
    }
    if (node.op === "FusedMatMul") return plain(this.#rowProducts(node));
    if (node.op === "ConvWeightGrad") return plain(this.#weightGradient(node));
    if (node.op === "MaxPool") return alone(this.#maxPool(node));
    if (node.op === "MaxPoolGrad") return alone(this.#maxPoolGradient(node));
    const [first] = node.inputs as [string];
    if (ELEMENTWISE.has(node.op) && this.#images.made(first) !== undefined) return blocked(this.#elementwise(node));
    if (node.op === "ClipGrad" && this.#images.made(first) !== undefined) return blocked(this.#clipGradient(node));
    if (ARITHMETIC.has(node.op)) return blocked(this.#arithmetic(node));
    if (node.op === "ReduceMean" || node.op === "ReduceSum") return plain(this.#overPlaces(node));
    return false;
  }

  /** A convolution with computed weights. */
  #convolve(node: Node): Value | undefined {
    const [x, weight] = node.inputs.map((name) => this.#images.type(name)) as [Value, Value];
    if (this.#graph.constants.has(weight.name) || x.shape.length !== 4 || node.attributes.auto_pad) return undefined;
    if ([...x.shape, ...weight.shape].some((size) => typeof size === "string")) return undefined;
    if (node.op === "ConvTranspose") return this.#transposed(node, x, weight);
    const strides = intsAttribute(node, "strides") ?? [1, 1];
    const inColumns =
      strides[1] === 1 && this.#images.isInColumns(x) && this.#images.isInColumns(this.#images.type(node.outputs[0] as string));
    const operands = this.#operands(node, x, weight, inColumns);
    if (!operands) return undefined;
    const [, kernel] = operands;
    const bias = node.inputs[2] ? this.#images.plain(node.inputs[2]) : undefined;
    const attributes = {
      group: intAttribute(node, "group", 1),
      kernel_shape: kernel.shape.slice(2) as number[],
      strides,
      dilations: intsAttribute(node, "dilations") ?? [1, 1],
      pads: intsAttribute(node, "pads") ?? [0, 0, 0, 0],
    };
    const result = this.#convolution([...operands, bias], inColumns ? besideColumns(attributes, this.#block) : attributes);
    return inColumns ? result : this.#images.fromAlone(node.outputs[0] as string, result);
  }

  /** The image and the weights for the blocked form of Conv `node`; undefined if it has no such form or would not be faster. */
  #operands(node: Node, x: Value, weight: Value, inColumns: boolean): readonly [Value, Value] | undefined {
    const group = intAttribute(node, "group", 1);
    const channels = x.shape[1] as number;
    const [out, perGroup, ...kernel] = staticShape(weight) as [number, number, number, number];
    if (group > 1) {
      if (group !== channels || perGroup !== 1 || out !== group || !this.#whole(group)) return undefined;
      // A factor per channel is elementwise work, which is not worth converting an image to blocks.
      const image = this.#imageBehind(x.name);
      if (kernel.every((size) => size === 1) && this.#images.made(image) === undefined) return undefined;
      return [inColumns ? this.#images.inBlocks(x.name) : this.#view(image, x.shape as number[]), this.#depthwise(weight)];
    }
    const plain = (): Value => this.#images.plain(weight.name);
    if (channels < this.#block)
      return this.#whole(out) ? [this.#images.plain(x.name), kernelOfPlain(this.#builder, plain(), this.#block)] : undefined;
    const sizes = filledChannels(out, channels, this.#block);
    // A bias is not filled.
    if (!sizes || (sizes[0] !== out && node.inputs[2])) return undefined;
    const kernels = denseKernel(this.#builder, extended(this.#builder, plain(), ...sizes), this.#block);
    return [inColumns ? this.#images.inBlocks(x.name) : this.#inFullBlocks(x, sizes[1]), kernels];
  }

  #whole(channels: number): boolean {
    return channels % this.#block === 0;
  }

  /** The image `x` in blocks alone, with zeros up to `channels`. */
  #inFullBlocks(x: Value, channels: number): Value {
    if (x.shape[1] === channels) return this.#images.alone(x.name);
    return intoBlocks(this.#builder, extended(this.#builder, this.#images.plain(x.name), x.shape[0] as number, channels));
  }

  #depthwise(weight: Value): Value {
    const image = this.#imageBehind(weight.name);
    if (image !== weight.name) return this.#view(image, weight.shape as number[]);
    return depthwiseKernel(this.#builder, this.#images.plain(weight.name));
  }

  /** A ConvTranspose as plain convolutions, one for each phase of its stride. */
  #transposed(node: Node, x: Value, weight: Value): Value | undefined {
    const group = intAttribute(node, "group", 1);
    const [channels, perGroup] = staticShape(weight) as [number, number];
    const depthwise = group === channels && perGroup === 1;
    if (!depthwise && group > 1) return undefined;
    const sizes = depthwise ? this.#whole(channels) && [channels, 1] : filledChannels(channels, perGroup, this.#block);
    const whole = this.#images.type(node.outputs[0] as string);
    const phases = phasesOf(node, x, weight, whole);
    if (!sizes || !phases || node.inputs[2]) return undefined;
    const inColumns = phases.flat().length === 1 && this.#images.isInColumns(x) && this.#images.isInColumns(whole);
    const image = inColumns ? this.#images.inBlocks(x.name) : this.#inFullBlocks(x, sizes[0] as number);
    const plain = extended(this.#builder, this.#images.plain(weight.name), ...sizes);
    const shape = [whole.shape[0], (sizes[1] as number) * group, ...whole.shape.slice(2)] as number[];
    const result = joined(this.#builder, phases, inColumns ? columnsShape(shape, this.#block) : shape, this.#block, (phase) => {
      const { places, kernel, pads } = phase;
      const own = depthwise
        ? transposedDepthwise(this.#builder, plain, places, kernel)
        : transposedKernel(this.#builder, plain, this.#block, places, kernel);
      const dilations = intsAttribute(node, "dilations") ?? [1, 1];
      const attributes = { group, kernel_shape: kernel, strides: [1, 1], dilations, pads };
      return this.#convolution([image, own], inColumns ? besideColumns(attributes, this.#block) : attributes);
    });
    return inColumns || result.shape[1] !== whole.shape[1] ? result : this.#images.fromAlone(node.outputs[0] as string, result);
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
    const x = this.#images.made(name) as Value;
    const convolution = this.#convolutions.get(x.name);
    const limits = rest.map((bound) => Number(this.#graph.constants.get(bound)?.data[0]));
    const isClip = node.op === "Clip" && limits.length === 2;
    if (convolution && this.#uses.get(name) === 1 && !convolution.attributes.activation && (node.op === "Relu" || isClip)) {
      const parameters = isClip ? { activation_params: { kind: "floats", value: limits } as const } : {};
      return this.#convolution(convolution.inputs, { ...convolution.attributes, activation: node.op, ...parameters });
    }
    return this.#builder.add(node.op, [x, ...rest.map((bound) => this.#images.plain(bound))], node.attributes);
  }

  #arithmetic(node: Node): Value | undefined {
    const [left, right] = node.inputs as [string, string];
    const image = [left, right].find((name) => this.#images.made(name) !== undefined);
    if (image === undefined) return undefined;
    const { shape } = this.#images.type(image);
    const other = image === left ? right : left;
    const { shape: otherShape } = this.#images.type(other);
    if (otherShape.join() === shape.join()) return this.#sameShape(node, image, other);
    const operands = (value: Value): readonly Value[] =>
      image === left ? [this.#images.inBlocks(image), value] : [value, this.#images.inBlocks(image)];
    if (otherShape.every((size) => size === 1)) return this.#builder.add(node.op, operands(this.#images.plain(other)), node.attributes);
    return otherShape.join() === [1, shape[1], 1, 1].join() ? this.#perChannel(node, image, other) : undefined;
  }

  /** An operator on two images; a sum is fused into the convolution that computed one of them. */
  #sameShape(node: Node, image: string, other: string): Value {
    if (node.op === "Add") {
      for (const [own, addend] of [
        [image, other],
        [other, image],
      ] as const) {
        const convolution = this.#convolutions.get(this.#images.made(own)?.name ?? "");
        if (
          !convolution ||
          own === addend ||
          this.#uses.get(own) !== 1 ||
          convolution.inputs.length > 3 ||
          convolution.attributes.activation
        )
          continue;
        const [x, weight, bias] = convolution.inputs;
        return this.#convolution([x, weight, bias, this.#images.inBlocks(addend)], convolution.attributes);
      }
    }
    return this.#builder.add(
      node.op,
      node.inputs.map((name) => this.#images.inBlocks(name)),
      node.attributes,
    );
  }

  /** A factor or an offset per channel: a convolution with one weight per channel, or the bias of the convolution that computed the image. */
  #perChannel(node: Node, image: string, other: string): Value | undefined {
    const channels = this.#images.type(image).shape[1] as number;
    const flip = node.op === "Sub";
    if (flip && image !== node.inputs[0]) return undefined;
    const given = this.#images.plain(other);
    const value = flip ? this.#builder.add("Neg", [given]) : given;
    const made = node.op === "Mul" ? undefined : this.#convolutions.get(this.#images.made(image)?.name ?? "");
    if (made && this.#uses.get(image) === 1 && !made.inputs[2] && !made.attributes.activation) {
      const [x, weight, , addend] = made.inputs;
      return this.#convolution([x, weight, reshape(this.#builder, value, [channels]), addend].slice(0, addend ? 4 : 3), made.attributes);
    }
    const weight =
      node.op === "Mul" ? reshape(this.#builder, value, [channels, 1, 1, 1]) : this.#builder.constant(full([channels, 1, 1, 1], 1));
    const bias = node.op === "Mul" ? undefined : reshape(this.#builder, value, [channels]);
    return this.#convolution([this.#images.inBlocks(image), weight, bias], oneWeightEach(channels));
  }

  /** The gradient of ReLU6. */
  #clipGradient(node: Node): Value {
    const [y, gradient] = node.inputs.map((name) => this.#images.inBlocks(name)) as [Value, Value];
    return this.#builder.add("Mul", [gradient, blockedBounds(this.#builder, node, y)]);
  }

  /** The maxima of an image in blocks, if their gradient can be computed there too. */
  #maxPool(node: Node): Value | undefined {
    const [name, output] = [node.inputs[0], node.outputs[0]] as [string, string];
    if (this.#images.made(name) === undefined || !this.#maxima.has(output)) return undefined;
    const x = this.#images.alone(name);
    const window = windowOf(node, x, this.#images.type(output));
    if (!canPoolByAxis(window)) return undefined;
    this.#pooled.add(output);
    return pooledByAxis(this.#builder, x, window);
  }

  #maxPoolGradient(node: Node): Value | undefined {
    const [x, y, gradient] = node.inputs as [string, string, string];
    if (!this.#pooled.has(y)) return undefined;
    const image = this.#images.alone(x);
    return pooledByAxisGradient(
      this.#builder,
      image,
      this.#images.alone(gradient),
      windowOf(node, image, this.#images.type(y)),
      this.#block,
    );
  }

  /** The mean or sum of each channel, [1, channels, 1, 1]. */
  #overPlaces(node: Node): Value | undefined {
    const [name] = node.inputs as [string];
    const { shape } = this.#images.type(name);
    const image = this.#images.made(name);
    const axes = this.#graph.constants.get(node.inputs[1] ?? "");
    if (!image || !axes || Array.from(axes.data as ArrayLike<bigint>, Number).join() !== "0,2,3" || intAttribute(node, "keepdims", 1) !== 1)
      return undefined;
    const factors = this.#makers.get(name);
    const ofImages = factors?.op === "Mul" && factors.inputs.every((factor) => this.#images.type(factor).shape.join() === shape.join());
    if (ofImages && node.op === "ReduceSum" && this.#images.isInColumns({ shape })) {
      const [left, right] = factors.inputs.map((factor) => this.#images.inBlocks(factor)) as [Value, Value];
      const products = productsOfImages(this.#builder, left, right);
      return this.#builder.add("ReduceSum", [products, this.#builder.ints([0])], { keepdims: 1 });
    }
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
    const { shape } = this.#images.type(node.outputs[0] as string);
    if (
      !images.some((name) => this.#images.made(name) !== undefined) ||
      shape.slice(1).join() !== "1,1" ||
      floatAttribute(node, "alpha", 1) !== 1
    )
      return undefined;
    const [batch, channels] = staticShape(this.#images.type(left)) as [number, number, number, number];
    const groups = batch * channels;
    if (shape[0] !== groups || channels % this.#block !== 0) return undefined;
    const sums = productsOfImages(this.#builder, this.#images.inBlocks(left), this.#images.inBlocks(right));
    return reshape(this.#builder, sums, [groups, 1, 1]);
  }

  /** The weight gradient of a convolution, [out, in, height, width]. */
  #weightGradient(node: Node): Value | undefined {
    const [x, gradient] = node.inputs.map((name) => this.#images.type(name)) as [Value, Value];
    const window = windowOf(node, x, gradient);
    if (!canCorrelate(x, gradient, window, intAttribute(node, "group", 1), this.#block)) return undefined;
    return blockedWeightGradient(this.#builder, this.#images, [x, gradient], window, this.#block);
  }

  /** The value that `name` is a reshape of, if both are images of the same size; else `name`. */
  #imageBehind(name: string): string {
    const maker = this.#makers.get(name);
    if (maker?.op !== "Reshape") return name;
    const source = this.#images.type(maker.inputs[0] as string);
    const whole = source.shape.length === 4 && (source.shape[1] as number) % this.#block === 0;
    const { shape } = this.#images.type(name);
    if (this.#images.isInColumns(source) || this.#images.isInColumns({ shape })) return name;
    const places = shape.length === 4 ? shape.slice(2).join() === source.shape.slice(2).join() : shape.length === 3 && shape[1] === 1;
    return whole && places ? source.name : name;
  }

  /** The blocked image `name` with its elements divided differently into batch and channels. */
  #view(name: string, shape: readonly number[]): Value {
    return reshape(this.#builder, this.#images.alone(name), shape);
  }
}
