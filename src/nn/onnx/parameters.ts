// Finds the constants of an exported graph that are parameters: the weights of layers. Each use is a separate parameter, because exporters
// store equal tensors once, related or not.

import type { Tensor } from "../../core/tensor.ts";
import type { SourceGraph } from "../../graph/source/read.ts";
import type { Node } from "../../graph/types.ts";
import type { ParameterKind, ParameterSpec } from "../scope.ts";

type Kinds = Readonly<Record<number, ParameterKind>>;

/** The roles of an operator's inputs. */
const LAYERS: Readonly<Record<string, Kinds>> = {
  Conv: { 1: "weight", 2: "bias" },
  ConvTranspose: { 1: "weight", 2: "bias" },
  Gemm: { 0: "weight", 1: "weight", 2: "bias" },
  MatMul: { 0: "weight", 1: "weight" },
  BatchNormalization: { 1: "scale", 2: "shift", 3: "mean", 4: "variance" },
  LayerNormalization: { 1: "scale", 2: "shift" },
  InstanceNormalization: { 1: "scale", 2: "shift" },
  GroupNormalization: { 1: "scale", 2: "shift" },
  PRelu: { 1: "scale" },
  Add: { 0: "bias", 1: "bias" },
  Mul: { 0: "scale", 1: "scale" },
};

/** The role of input `i` of `node` if it is a parameter, by operator. */
export function kindAt(node: Node, i: number): ParameterKind | undefined {
  return Object.hasOwn(LAYERS, node.op) ? LAYERS[node.op]?.[i] : undefined;
}

/** torchvision's suffixes of batch norm's parameters. */
const NORM = [".weight", ".bias", ".running_mean", ".running_var"];

export interface Separated {
  /** The graph without the constants that are parameters. */
  readonly graph: SourceGraph;
  /** By the name that replaces the constant's in the graph. */
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  readonly values: ReadonlyMap<string, Tensor>;
}

/** Replaces constants that are parameters by the parameters' names. */
export function separateParameters(graph: SourceGraph): Separated {
  const parameters = new Map<string, ParameterSpec>();
  const values = new Map<string, Tensor>();
  const names = new Names([
    ...graph.inputs.map(({ name }) => name),
    ...graph.constants.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const users = new Map<string, number>();
  for (const { inputs } of graph.nodes) for (const name of new Set(inputs)) users.set(name, (users.get(name) ?? 0) + 1);
  const nodes = graph.nodes.map((node): Node => {
    if (node.op === "BatchNormalization" && node.inputs.slice(1, 5).every((name) => graph.constants.has(name))) {
      const base = names.fresh(baseOf(node, users), NORM);
      return replace(node, (i) => (i === 0 ? undefined : `${base}${NORM[i - 1]}`));
    }
    return replace(node, (i) => (isParameter(graph, node, i) ? names.fresh(node.inputs[i] as string) : undefined));
  });
  const kept = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { graph: { ...graph, nodes, constants: new Map([...graph.constants].filter(([name]) => kept.has(name))) }, parameters, values };

  function replace(node: Node, nameOf: (i: number) => string | undefined): Node {
    const inputs = node.inputs.map((input, i) => {
      const name = nameOf(i);
      if (name === undefined) return input;
      const value = graph.constants.get(input) as Tensor;
      parameters.set(name, { name, shape: value.shape, kind: kindAt(node, i) ?? "weight" });
      values.set(name, value);
      return name;
    });
    return { ...node, inputs };
  }
}

/** The name of a batch norm layer: its scale's name without the last part, or the node's; `users` are the nodes that read a value. */
function baseOf(node: Node, users: ReadonlyMap<string, number>): string {
  const scale = node.inputs[1] as string;
  return /\.(weight|gamma)$/.test(scale) && users.get(scale) === 1 ? scale.replace(/\.\w+$/, "") : node.name;
}

function isParameter({ constants }: SourceGraph, node: Node, i: number): boolean {
  const value = constants.get(node.inputs[i] ?? "");
  if (value?.type !== "float32" || kindAt(node, i) === undefined) return false;
  if (node.op !== "Add" && node.op !== "Mul") return true;
  // A single number is a setting, such as an epsilon; a tensor with more than two axes is a mask or a table, not one value per channel or
  // position.
  return value.data.length > 1 && value.shape.filter((size) => size > 1).length <= 2;
}

/** Suffixes that thaw appends to a parameter's name in training. */
const APPENDED = /\.(next|gradient|accumulated|velocity|mean|square|fresh)$/;

/** Unique names for parameters: a simple and unused name stays, any other is numbered. */
class Names {
  readonly #taken: Set<string>;
  /** The number from which to look for a free name, by what it starts with. */
  readonly #next = new Map<string, number>();

  /** `taken` are the names of the file's values. */
  constructor(taken: readonly string[]) {
    this.#taken = new Set(taken);
  }

  /** A name for `wish` that is free with each of `endings`. */
  fresh(wish: string, endings: readonly string[] = [""]): string {
    const start = `body.${/^[\w./:-]{1,200}$/.test(wish) && !APPENDED.test(wish) ? wish : "parameter"}`;
    let name = start;
    let i = this.#next.get(start) ?? 2;
    for (; endings.some((ending) => this.#taken.has(name + ending)); i++) name = `${start}.${i}`;
    this.#next.set(start, i);
    for (const ending of endings) this.#taken.add(name + ending);
    return name;
  }
}
