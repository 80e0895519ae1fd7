// Follows positions that an exported graph computes for each image to read a flattened batch with Gather, and writes the reading in
// operators that have a gradient. PyTorch's exporter writes views by strides (as_strided) so, for example after pooling in the memory format
// channels last: position = image · step + offset.

import { UsageError } from "../../core/errors.ts";
import { int64, sizeOf, type Tensor } from "../../core/tensor.ts";
import { factorsOf } from "../../graph/infer/rule.ts";
import { type Attributes, type Dimension, intAttribute, intsAttribute, type Node } from "../../graph/types.ts";
import { BATCH, type Copier, isKnown } from "./copier.ts";
import { broadcast, itemsIn } from "./known.ts";

/** The most numbers of all tables together; what is beyond is not followed. */
const MOST = 2 ** 22;

/** Numbers in row-major order. */
interface Table {
  readonly shape: readonly number[];
  readonly items: readonly number[];
  /** Set if image i has the numbers plus i · `step`; `axis` is that of the images, of length 1 in `shape`. */
  readonly perImage?: { readonly axis: number; readonly step: number } | undefined;
}

export class Positions {
  readonly #copy: Copier;
  readonly #constants: Map<string, Tensor>;
  readonly #tables = new Map<string, Table>();
  #numbers = 0;

  /** Positions in the graph that `copy` copies; constants that the new nodes need are added to `constants`. */
  constructor(copy: Copier, constants: Map<string, Tensor>) {
    this.#copy = copy;
    this.#constants = constants;
  }

  /**
   * The nodes that replace `node`: none if it computes positions, others if it reads with them; undefined for any other node, which is
   * copied as it is. Throws a UsageError for a node that uses positions in another way.
   */
  follow(node: Node): readonly Node[] | undefined {
    const table = node.op === "Range" ? this.#range(node) : this.#compute(node);
    if (table) {
      this.#numbers += table.items.length;
      this.#tables.set(node.outputs[0] as string, table);
      return [];
    }
    const reading = node.op === "Gather" ? this.#read(node) : undefined;
    if (!reading && node.inputs.some((name) => this.#tables.has(name)))
      throw new UsageError(
        `Operator ${node.op} (node "${node.name}") computes with the number of images in a way that thaw cannot follow`,
        "Cut the network before it, or export the model with a batch of one image.",
      );
    return reading;
  }

  /** 0, 1, …, up to the number of images. */
  #range(node: Node): Table | undefined {
    const [start, limit, delta] = node.inputs.map((_, i) => (this.#tables.has(node.inputs[i] as string) ? undefined : this.#item(node, i)));
    return start === 0 && limit === BATCH && delta === 1 ? { shape: [1], items: [0], perImage: { axis: 0, step: 1 } } : undefined;
  }

  #item(node: Node, i: number): Dimension | undefined {
    const known = this.#copy.known(node, i);
    return known?.items.length === 1 ? known.items[0] : undefined;
  }

  #compute(node: Node): Table | undefined {
    const rule = Object.hasOwn(RULES, node.op) ? RULES[node.op] : undefined;
    if (!rule || !node.inputs.some((name) => this.#tables.has(name))) return undefined;
    const tables = node.inputs.map((name) => this.#tableOf(name));
    return tables.includes(undefined) ? undefined : rule(node, tables as readonly Table[], MOST - this.#numbers);
  }

  /** Reads a flattened batch at the same places of each image: as a view if the places are those of a transposed array. */
  #read(node: Node): readonly Node[] | undefined {
    const x = this.#copy.find(node.inputs[0] as string);
    if (!x || isKnown(x) || x.shape.length !== 1 || intAttribute(node, "axis", 0) > 0) return undefined;
    const { symbols, factor, before } = factorsOf(x.shape[0] as Dimension);
    const table = this.#tableOf(node.inputs[1] as string);
    if (symbols.length !== 1 || before !== 1 || !table) return undefined;
    const { shape, items, perImage } = table;
    // A file for one image has no steps.
    const fits = perImage ? perImage.axis === 0 && perImage.step === factor : shape[0] === 1;
    if (!fits || items.some((item) => item < 0 || item >= factor)) return undefined;
    const inner = shape.slice(1);
    const order = axesByStride(inner, items, factor);
    const [input, output] = [node.inputs[0] as string, node.outputs[0] as string];
    const reshape = (from: string, to: string, sizes: readonly number[]): Node =>
      made(node, "Reshape", [from, this.#constant(`${to}.shape`, sizes)], to);
    if (order) {
      const back = inner.map((_, axis) => order.indexOf(axis) + 1);
      const sorted = order.map((axis) => inner[axis] as number);
      if (back.every((axis, i) => axis === i + 1)) return [reshape(input, output, [-1, ...sorted])];
      const array = this.#fresh(`${output}.array`);
      const perm = { perm: { kind: "ints", value: [0, ...back] } } as const;
      return [reshape(input, array, [-1, ...sorted]), made(node, "Transpose", [array], output, perm)];
    }
    const [rows, picked] = [this.#fresh(`${output}.rows`), this.#fresh(`${output}.picked`)];
    return [
      reshape(input, rows, [-1, factor]),
      made(node, "Gather", [rows, this.#constant(`${output}.places`, items)], picked, { axis: { kind: "int", value: 1 } }),
      reshape(picked, output, [-1, ...inner]),
    ];
  }

  #constant(wish: string, values: readonly number[]): string {
    const name = this.#fresh(wish);
    this.#constants.set(name, int64(values));
    return name;
  }

  #fresh(wish: string): string {
    let name = wish;
    while (this.#constants.has(name) || this.#copy.find(name)) name = `${name}'`;
    return name;
  }

  #tableOf(name: string): Table | undefined {
    const table = this.#tables.get(name);
    const constant = this.#constants.get(name);
    if (table || (constant?.type !== "int64" && constant?.type !== "int32") || constant.data.length > MOST) return table;
    return { shape: constant.shape, items: Array.from(constant.data as ArrayLike<number | bigint>, Number) };
  }
}

function made(node: Node, op: string, inputs: readonly string[], output: string, attributes: Attributes = {}): Node {
  return { name: output === node.outputs[0] ? node.name : output, op, domain: "", inputs, outputs: [output], attributes };
}

/** The table that a node computes of others; undefined if it cannot be followed, or has more than `most` numbers. */
type Rule = (node: Node, tables: readonly Table[], most: number) => Table | undefined;

const add: Rule = (_, [a, b], most) => {
  if (!a || !b) return undefined;
  const rank = Math.max(a.shape.length, b.shape.length);
  const [first, second] = [a, b].map(({ perImage, shape }) => perImage && { ...perImage, axis: perImage.axis + rank - shape.length });
  if (first && second && first.axis !== second.axis) return undefined;
  const perImage = { axis: (first ?? second)?.axis ?? 0, step: (first?.step ?? 0) + (second?.step ?? 0) };
  const shape = broadcast(a.shape, b.shape);
  // A table over the axis of the images cannot be told from one for a single image.
  if (!shape || sizeOf(shape) > most || shape[perImage.axis] !== 1) return undefined;
  const others = itemsIn(b, shape);
  return { shape, items: itemsIn(a, shape).map((item, i) => item + (others[i] as number)), perImage };
};

const multiply: Rule = (_, [a, b]) => {
  const [positions, factor] = a?.perImage ? [a, b] : [b, a];
  const by = factor?.items.length === 1 && !factor.perImage ? (factor.items[0] as number) : undefined;
  if (!positions?.perImage || by === undefined || (factor as Table).shape.length > positions.shape.length) return undefined;
  const { axis, step } = positions.perImage;
  return { ...positions, items: positions.items.map((item) => item * by), perImage: { axis, step: step * by } };
};

const unsqueeze: Rule = (node, [a, given]) => {
  const axes = given?.items ?? intsAttribute(node, "axes");
  if (!a?.perImage || !axes) return undefined;
  const rank = a.shape.length + axes.length;
  const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  const kept = Array.from({ length: rank }, (_, i) => i).filter((i) => !added.has(i));
  const shape = Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (a.shape[kept.indexOf(i)] as number)));
  return { ...a, shape, perImage: { ...a.perImage, axis: kept[a.perImage.axis] as number } };
};

/** With the images first and their number left open. */
const reshape: Rule = (_, [a, target]) => {
  const [first, ...shape] = target?.items ?? [];
  if (a?.perImage?.axis !== 0 || first !== -1 || shape.some((size) => size < 1) || sizeOf(shape) !== a.items.length) return undefined;
  return { ...a, shape: [1, ...shape] };
};

const same: Rule = (_, [a]) => a;

const RULES: Readonly<Record<string, Rule>> = {
  Add: add,
  Mul: multiply,
  Unsqueeze: unsqueeze,
  Reshape: reshape,
  Cast: same,
  Identity: same,
};

/** The axes of `shape` in the order of their strides if `items` are the places of a whole array of `size` elements; else undefined. */
function axesByStride(shape: readonly number[], items: readonly number[], size: number): readonly number[] | undefined {
  if (items.length !== size) return undefined;
  const strides = shape.map((side, axis) => (side === 1 ? 0 : (items[sizeOf(shape.slice(axis + 1))] as number) - (items[0] as number)));
  const order = [...shape.keys()].sort((a, b) => (strides[b] as number) - (strides[a] as number) || a - b);
  let expectedStride = size;
  for (const axis of order) {
    expectedStride /= shape[axis] as number;
    if (shape[axis] !== 1 && strides[axis] !== expectedStride) return undefined;
  }
  const place = (i: number): number =>
    shape.reduce((sum, side, axis) => sum + (Math.floor(i / sizeOf(shape.slice(axis + 1))) % side) * (strides[axis] as number), 0);
  return items.every((item, i) => item === place(i)) ? order : undefined;
}
