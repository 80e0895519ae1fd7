// The forms in which the values of a graph exist while it is rewritten for blocks: plain, in blocks, or in columns (columns.ts). Each is built
// when first requested.

import type { GraphBuilder } from "../builder.ts";
import type { Attributes, Graph, Value } from "../types.ts";
import { canBeInColumns, intoColumns, isInColumns, outOfColumns } from "./columns.ts";
import { BLOCKED, intoBlocks } from "./kernels.ts";

export class Images {
  readonly #graph: Graph;
  readonly #builder: GraphBuilder;
  readonly #block: number;
  readonly #columns: boolean;
  /** In blocks, and in columns where `isInColumns` is true: the form for the operators between convolutions. */
  readonly #blocked = new Map<string, Value>();
  /** In blocks alone, of values that also are in columns. */
  readonly #alone = new Map<string, Value>();
  readonly #renamed = new Map<string, Value>();

  constructor(graph: Graph, builder: GraphBuilder, block: number) {
    this.#graph = graph;
    this.#builder = builder;
    this.#block = block;
    this.#columns = canBeInColumns(graph);
  }

  /** The value `name` of the graph that is rewritten, with its shape there. */
  type(name: string): Value {
    return { name, ...(this.#graph.types.get(name) as Omit<Value, "name">) };
  }

  isInColumns({ shape }: Pick<Value, "shape">): boolean {
    return this.#columns && isInColumns(shape, this.#block);
  }

  /** The value `name` in blocks, if it exists. */
  made(name: string): Value | undefined {
    return this.#blocked.get(name);
  }

  setBlocked(name: string, value: Value): void {
    this.#blocked.set(name, value);
  }

  setPlain(name: string, value: Value): void {
    this.#renamed.set(name, value);
  }

  /** The name of `name` in the new graph, in the plain layout. */
  renamed(name: string): string {
    return this.#renamed.get(name)?.name ?? name;
  }

  /** The form of the image `name` for the operators between convolutions, from `value`, which is in blocks alone. */
  fromAlone(name: string, value: Value): Value {
    if (!this.isInColumns(this.type(name))) return value;
    this.#alone.set(name, value);
    return intoColumns(this.#builder, value, this.#block);
  }

  inBlocks(name: string): Value {
    const made = this.#blocked.get(name);
    if (made) return made;
    const value = this.fromAlone(name, intoBlocks(this.#builder, this.plain(name)));
    this.#blocked.set(name, value);
    return value;
  }

  /** The image `name` in blocks, never in columns. */
  alone(name: string): Value {
    const value = this.inBlocks(name);
    if (!this.isInColumns(this.type(name))) return value;
    const made = this.#alone.get(name) ?? outOfColumns(this.#builder, value, this.#block);
    this.#alone.set(name, made);
    return made;
  }

  plain(name: string): Value {
    const renamed = this.#renamed.get(name);
    if (renamed) return renamed;
    const blocked = this.#blocked.get(name);
    if (blocked && !this.#builder.has(name)) {
      const attributes: Attributes = { channels: { kind: "int", value: blocked.shape[1] as number } };
      this.#builder.append({
        name: `${name}.plain`,
        op: "ReorderOutput",
        domain: BLOCKED,
        inputs: [this.alone(name).name],
        outputs: [name],
        attributes,
      });
    }
    return this.#builder.value(name);
  }
}
