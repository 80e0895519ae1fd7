// Values that the runs of sessions carry from one to the next, such as the parameters that a training step updates: each is an input, and the
// output that becomes it in the next run. They stay where the sessions compute.

import { type Tensor, zeros } from "../core/tensor.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Device, DeviceTensors, Session, Tensors } from "./engine.ts";
import { openSession } from "./session.ts";

export interface Carried {
  /** Runs `session` on `feeds` and these values, which become the outputs `next(name)`; returns the outputs in `wanted`. */
  run(session: Session, feeds: Tensors, wanted: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  /** The values now. On the CPU they are the buffers themselves, which later runs write to. */
  read(): Promise<ReadonlyMap<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Carries values on `device` that start as `start`, which is not written to. Those in `overwritten` may be written while a session runs: their
 * sessions' graphs allow it (`overwritable`).
 */
export function carriedOn(
  device: Device,
  start: ReadonlyMap<string, Tensor>,
  next: (name: string) => string,
  overwritten: ReadonlySet<string>,
): Carried {
  return device === "webgpu" ? new OnDevice(start, next) : new InMemory(start, next, overwritten);
}

/**
 * In the memory of the process, without copies: each value has two buffers, one to read and one to write, used in turn; those that are
 * overwritten have one.
 */
class InMemory implements Carried {
  readonly #next: (name: string) => string;
  #current: ReadonlyMap<string, Tensor>;
  #spare: ReadonlyMap<string, Tensor>;

  constructor(start: ReadonlyMap<string, Tensor>, next: (name: string) => string, overwritten: ReadonlySet<string>) {
    this.#next = next;
    const current = new Map([...start].map(([name, value]) => [name, copyOf(value)]));
    this.#current = current;
    this.#spare = new Map([...current].map(([name, value]) => [name, overwritten.has(name) ? value : zeros(value.type, value.shape)]));
  }

  async run(session: Session, feeds: Tensors): Promise<Readonly<Record<string, Tensor>>> {
    // Names of parameters come from files: without a prototype none of them means anything to the object.
    const all: Record<string, Tensor> = Object.assign(Object.create(null), feeds);
    const into: Record<string, Tensor> = Object.create(null);
    for (const [name, value] of this.#current) {
      all[name] = value;
      into[this.#next(name)] = this.#spare.get(name) as Tensor;
    }
    const results = await session.run(all, into);
    [this.#current, this.#spare] = [this.#spare, this.#current];
    return results;
  }

  async read(): Promise<ReadonlyMap<string, Tensor>> {
    return this.#current;
  }

  async release(): Promise<void> {}
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
