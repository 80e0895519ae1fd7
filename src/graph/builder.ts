// Builds a graph node by node. Types and shapes are inferred as nodes are added, so a wrong shape fails at the line that causes it.
// Equal nodes (same operator, inputs and attributes) are built once: gradient rules may request values that the forward pass already has.

import { expected } from "../core/errors.ts";
import { type ElementType, float32, int64, type Tensor } from "../core/tensor.ts";
import { inferTypes } from "./infer.ts";
import type { Attribute, Attributes, Graph, Node, Shape, Value, ValueType } from "./types.ts";

type AttributeLike = Attribute | number | string | readonly number[] | undefined;

export interface AddOptions {
  /** "com.microsoft" for ONNX Runtime's own operators; "" (the default) for ONNX's. */
  domain?: string;
  /** The node's name; default derived from the operator's. */
  name?: string;
}

export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #inputs: Value[] = [];
  readonly #constants = new Map<string, Tensor>();
  readonly #types = new Map<string, ValueType>();
  readonly #made = new Map<string, readonly Value[]>();
  readonly #nodeNames = new Set<string>();
  #counter = 0;

  /** A builder that continues `graph`: its nodes, inputs and constants, under the same names. */
  static from(graph: Graph): GraphBuilder {
    const builder = new GraphBuilder();
    for (const input of graph.inputs) builder.input(input.name, input.type, input.shape);
    for (const [name, value] of graph.constants) builder.constant(value, name);
    for (const node of graph.nodes) builder.append(node, graph);
    return builder;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  /** Declares an input of the graph. */
  input(name: string, type: ElementType, shape: Shape): Value {
    this.#claim(name);
    const value: Value = { name, type, shape };
    this.#types.set(name, { type, shape });
    this.#inputs.push(value);
    return value;
  }

  /** Adds a tensor to the model. Unnamed small constants with equal contents are shared. */
  constant(value: Tensor, name?: string): Value {
    const { type, shape } = value;
    const key =
      value.data.length <= 64
        ? `constant ${type} [${shape}] ${Array.from(value.data as ArrayLike<number | bigint>, bits).join()}`
        : undefined;
    const made = key !== undefined && name === undefined ? this.#made.get(key) : undefined;
    if (made) return made[0] as Value;
    const id = name ?? this.#fresh("constant");
    this.#claim(id);
    this.#types.set(id, { type, shape });
    this.#constants.set(id, value);
    const fresh: Value = { name: id, type, shape };
    // Named constants are shared too, so that nodes added to a graph that was read back reuse its axes and shapes.
    if (key !== undefined && !this.#made.has(key)) this.#made.set(key, [fresh]);
    return fresh;
  }

  /** A float32 scalar constant. */
  scalar(value: number): Value {
    return this.constant(float32(value));
  }

  /** A one-dimensional int64 constant: shapes, axes, pads. */
  ints(values: readonly number[]): Value {
    return this.constant(int64(values));
  }

  /** The tensor of a constant; undefined for a computed value. */
  constantOf(value: Pick<Value, "name">): Tensor | undefined {
    return this.#constants.get(value.name);
  }

  /** The value called `name`; throws if there is none. */
  value(name: string): Value {
    const type = this.#types.get(name);
    if (!type) throw expected("the name of a value in the graph", "name", name);
    return { name, ...type };
  }

  has(name: string): boolean {
    return this.#types.has(name);
  }

  /**
   * Adds an operator with one output and returns that. Attributes: numbers are ints, arrays of numbers are lists of ints; wrap floats in
   * `float()`. `undefined` among the inputs omits an optional one.
   */
  add(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, AttributeLike>> = {},
    options: AddOptions = {},
  ): Value {
    return this.addMany(op, inputs, attributes, 1, options)[0] as Value;
  }

  /** Adds an operator with `count` outputs. */
  addMany(
    op: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, AttributeLike>>,
    count: number,
    options: AddOptions = {},
  ): readonly Value[] {
    const typed = toAttributes(attributes);
    const key = nodeKey(
      options.domain ?? "",
      op,
      inputs.map((input) => input?.name ?? ""),
      typed,
      count,
    );
    const made = this.#made.get(key);
    if (made) return made;
    const name = options.name !== undefined && !this.#nodeNames.has(options.name) ? options.name : this.#fresh(op);
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}:${i}`));
    for (const output of outputs)
      if (this.#types.has(output)) return this.addMany(op, inputs, attributes, count, { ...options, name: this.#fresh(op) });
    return this.#push(
      { name, op, domain: options.domain ?? "", inputs: inputs.map((input) => input?.name ?? ""), outputs, attributes: typed },
      undefined,
    );
  }

  /** Adds an existing node under its own names. `origin` provides the types of outputs that cannot be inferred. */
  append(node: Node, origin?: Pick<Graph, "types">): readonly Value[] {
    for (const output of node.outputs) if (output !== "") this.#claim(output);
    return this.#push(node, origin);
  }

  /** Reserves `names`: values added without a name do not get them. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#nodeNames.add(name);
  }

  /** The graph with the given outputs; a key that differs from its value's name renames it. Nodes that no output needs are omitted. */
  build(outputs: Readonly<Record<string, Value>>): Graph {
    const nodes = [...this.#nodes];
    const types = new Map(this.#types);
    const results = Object.entries(outputs).map(([name, value]): Value => {
      const { type, shape } = this.value(value.name);
      if (name === value.name) return { name, type, shape };
      if (this.#types.has(name)) throw expected("a name that is not taken yet", "an output of the graph", name);
      nodes.push({ name: `Identity.${name}`, op: "Identity", domain: "", inputs: [value.name], outputs: [name], attributes: {} });
      types.set(name, { type, shape });
      return { name, type, shape };
    });
    return mergeIdentities(prune(nodes, this.#inputs, results, this.#constants, types));
  }

  #push(node: Node, origin: Pick<Graph, "types"> | undefined): readonly Value[] {
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.value(name)));
    const types = inferTypes(node, inputs, (value) => this.#constants.get(value.name), origin);
    const outputs = node.outputs.map((name, i) => ({ name, ...(types[i] as ValueType) }));
    for (const [i, name] of node.outputs.entries()) if (name !== "") this.#types.set(name, types[i] as ValueType);
    this.#nodes.push(node);
    this.#nodeNames.add(node.name);
    this.#made.set(nodeKey(node.domain, node.op, node.inputs, node.attributes, node.outputs.length), outputs);
    return outputs;
  }

  #claim(name: string): void {
    if (this.#types.has(name)) throw expected("a name that is not taken yet", "a graph value", name);
  }

  #fresh(prefix: string): string {
    let name: string;
    do name = `${prefix}_${this.#counter++}`;
    while (this.#types.has(name) || this.#nodeNames.has(name));
    return name;
  }
}

/** Drops nodes and constants that no output needs. Inputs stay, so that a graph's signature does not depend on its body. */
function prune(
  nodes: readonly Node[],
  inputs: readonly Value[],
  outputs: readonly Value[],
  constants: ReadonlyMap<string, Tensor>,
  types: ReadonlyMap<string, ValueType>,
): Graph {
  const needed = new Set(outputs.map((output) => output.name));
  const kept: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    kept.push(node);
  }
  kept.reverse();
  const names = new Set([...needed, ...inputs.map((input) => input.name), ...kept.flatMap((node) => node.outputs)]);
  return {
    nodes: kept,
    inputs: [...inputs],
    outputs,
    constants: new Map([...constants].filter(([name]) => needed.has(name))),
    types: new Map([...types].filter(([name]) => names.has(name))),
  };
}

/** Names an output at the node that computes it if its only other name is internal; otherwise keeps the Identity. */
function mergeIdentities(graph: Graph): Graph {
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
  const renames = new Map<string, string>();
  const gone = new Set<Node>();
  for (const node of graph.nodes) {
    const [from, to] = [node.inputs[0], node.outputs[0]] as [string, string];
    if (node.op !== "Identity" || !outputs.has(to) || outputs.has(from) || !produced.has(from) || renames.has(from)) continue;
    renames.set(from, to);
    gone.add(node);
  }
  if (gone.size === 0) return graph;
  const rename = (name: string): string => renames.get(name) ?? name;
  const nodes = graph.nodes
    .filter((node) => !gone.has(node))
    .map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }));
  return { ...graph, nodes, types: new Map([...graph.types].filter(([name]) => !renames.has(name))) };
}

function toAttributes(attributes: Readonly<Record<string, AttributeLike>>): Attributes {
  const entries = Object.entries(attributes).filter(
    (entry): entry is [string, Exclude<AttributeLike, undefined>] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, toAttribute(value)]));
}

function toAttribute(value: Exclude<AttributeLike, undefined>): Attribute {
  if (typeof value === "number") return { kind: "int", value };
  if (typeof value === "string") return { kind: "string", value };
  if (isNumbers(value)) return { kind: "ints", value };
  return value;
}

function isNumbers(value: Attribute | readonly number[]): value is readonly number[] {
  return Array.isArray(value);
}

function nodeKey(domain: string, op: string, inputs: readonly string[], attributes: Attributes, count: number): string {
  const written = Object.keys(attributes)
    .sort()
    .map((name) => `${name}=${JSON.stringify(attributes[name], (_, part) => (typeof part === "bigint" ? `${part}n` : part))}`);
  return `${domain}.${op}(${inputs.join("|")}) ${written.join()} ${count}`;
}

/** A number as text that distinguishes −0 from 0, and NaN. */
function bits(value: number | bigint): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
