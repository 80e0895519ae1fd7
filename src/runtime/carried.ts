// Values that the runs of sessions carry from one to the next, such as the parameters that a training step updates: each is an input, and the
// output that becomes it in the next run. They stay where the sessions compute.

import { engine } from "#engine";
import { type Tensor, zeros } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Device, DeviceTensors, Placed, Session, Tensors } from "./engine.ts";
import { openSession } from "./session.ts";

export interface Carried {
  /** Runs `session` on `feeds` and these values, which become the outputs `next(name)`; returns the outputs in `wanted`. */
  run(session: Session, feeds: Tensors, wanted: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  /** The values now, of those in `names` at least. On the CPU they are the buffers themselves, which later runs write to. */
  read(names: Iterable<string>): Promise<ReadonlyMap<string, Tensor>>;
  /** Frees the values, which cannot be read afterwards. */
  release(): Promise<void>;
}

/**
 * Carries values on `device` that start as `start`, which is not written to. Those in `overwritten` may be written while a session runs: their
 * sessions' graphs allow it (`overwritable`).
 */
export async function carriedOn(
  device: Device,
  start: ReadonlyMap<string, Tensor>,
  next: (name: string) => string,
  overwritten: ReadonlySet<string>,
): Promise<Carried> {
  if (device === "webgpu") return new OnDevice(start, next);
  const spares = [...start].filter(([name]) => !overwritten.has(name));
  const kinds = [...start, ...spares].map(([, value]) => value);
  const placed = await engine.place(device, kinds);
  const tensors = placed?.tensors ?? kinds.map(({ type, shape }) => zeros(type, shape));
  const current = new Map([...start.keys()].map((name, i) => [name, tensors[i] as Tensor]));
  for (const [name, { data }] of current) (data as Float32Array).set((start.get(name) as Tensor).data as Float32Array);
  const spare = new Map(spares.map(([name], i) => [name, tensors[start.size + i] as Tensor]));
  return new InMemory(current, new Map([...current, ...spare]), next, placed);
}

/**
 * In the memory in which the processor computes, without copies: each value has two buffers, one to read and one to write, used in turn; those
 * that are overwritten have one. Buffers in WebAssembly's memory stay here, as they are freed: what is read are copies of them.
 */
class InMemory implements Carried {
  readonly #next: (name: string) => string;
  #current: ReadonlyMap<string, Tensor>;
  #spare: ReadonlyMap<string, Tensor>;
  readonly #placed: Placed | undefined;
  #released = false;

  constructor(
    current: ReadonlyMap<string, Tensor>,
    spare: ReadonlyMap<string, Tensor>,
    next: (name: string) => string,
    placed: Placed | undefined,
  ) {
    this.#next = next;
    this.#current = current;
    this.#spare = spare;
    this.#placed = placed;
  }

  async run(session: Session, feeds: Tensors, wanted: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    this.#checkOpen();
    // Names of parameters come from files: without a prototype none of them means anything to the object.
    const all: Record<string, Tensor> = Object.assign(Object.create(null), feeds);
    const into: Record<string, Tensor> = Object.create(null);
    for (const [name, value] of this.#current) {
      all[name] = value;
      into[this.#next(name)] = this.#spare.get(name) as Tensor;
    }
    const results = await session.run(all, into);
    [this.#current, this.#spare] = [this.#spare, this.#current];
    return Object.fromEntries(wanted.map((name) => [name, results[name] as Tensor]));
  }

  async read(names: Iterable<string>): Promise<ReadonlyMap<string, Tensor>> {
    this.#checkOpen();
    if (!this.#placed) return this.#current;
    const values = [...names].map((name) => [name, this.#current.get(name)] as const);
    return new Map(values.flatMap(([name, value]) => (value ? [[name, copyOf(value)]] : [])));
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.#placed?.free();
  }

  #checkOpen(): void {
    if (this.#released) throw new Error("The values have been released");
  }
}

/** In the memory of the device, where they are only copied from to be read. The set before a run is freed after it, so there are two in turn. */
class OnDevice implements Carried {
  readonly #next: (name: string) => string;
  /** What the first run takes to the device. */
  #start: ReadonlyMap<string, Tensor>;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  #held: DeviceTensors | undefined;
  #reader: Session | undefined;
  /** The values as they were read last, until the next run. */
  #read: ReadonlyMap<string, Tensor> | undefined;

  constructor(start: ReadonlyMap<string, Tensor>, next: (name: string) => string) {
    this.#next = next;
    this.#start = start;
    this.#shapes = new Map([...start].map(([name, { shape }]) => [name, shape]));
  }

  async run(session: Session, feeds: Tensors, wanted: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    const before = this.#held;
    const first: Tensors = before ? {} : Object.fromEntries(this.#start);
    const { results, held } = await session.runOn(before ?? {}, { ...feeds, ...first }, wanted);
    this.#held = Object.fromEntries([...this.#shapes.keys()].map((name) => [name, held[this.#next(name)] as DeviceTensors[string]]));
    this.#start = new Map();
    this.#read = undefined;
    disposeAll(before);
    return results;
  }

  async read(): Promise<ReadonlyMap<string, Tensor>> {
    if (!this.#held) return this.#start;
    this.#reader ??= await openReader(this.#shapes);
    this.#read ??= await readAll(this.#reader, [...this.#shapes.keys()], this.#held);
    return this.#read;
  }

  async release(): Promise<void> {
    disposeAll(this.#held);
    this.#held = undefined;
    await this.#reader?.release();
  }
}

/** Opens a graph that passes its inputs on. One output of the device is copied to memory like any other, in Node and in browsers. */
function openReader(shapes: ReadonlyMap<string, readonly number[]>): Promise<Session> {
  const graph = new GraphBuilder();
  const values = [...shapes.values()].map((shape, i) => [`to ${i}`, graph.add("Identity", [graph.input(`from ${i}`, "float32", shape)])]);
  return openSession(graph.build(Object.fromEntries(values)), { device: "webgpu", name: "read from the device" });
}

async function readAll(reader: Session, names: readonly string[], held: DeviceTensors): Promise<ReadonlyMap<string, Tensor>> {
  const from = Object.fromEntries(names.map((name, i) => [`from ${i}`, held[name] as DeviceTensors[string]]));
  const { results } = await reader.runOn(
    from,
    {},
    names.map((_, i) => `to ${i}`),
  );
  return new Map(names.map((name, i) => [name, results[`to ${i}`] as Tensor]));
}

function disposeAll(held: DeviceTensors | undefined): void {
  for (const value of Object.values(held ?? {})) value.dispose();
}

function copyOf(value: Tensor): Tensor {
  return { ...value, data: value.data.slice() } as Tensor;
}
