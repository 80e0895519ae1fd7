// Instances of WebAssembly in workers of their own. They share no memory, so that a page computes on several cores without being cross-origin
// isolated; and in one that is, several with few threads are faster than one with many.

import type { Tensor } from "../../core/tensor.ts";
import type { Session, Tensors } from "../engine.ts";
import { modelOf } from "../session.ts";
import type { Instances, OpenInstances } from "./instances.ts";
import { buffersOf, type FromInstance, type ToInstance } from "./messages.ts";

// As in engine.browser.ts, the parts of the platform that are used here.
interface WorkerThread {
  postMessage(message: ToInstance, transfer: readonly ArrayBufferLike[]): void;
  terminate(): void;
  onmessage: ((event: { readonly data: FromInstance }) => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
}
declare const Worker: new (address: URL, options: { readonly type: "module"; readonly name: string }) => WorkerThread;
const page = globalThis as unknown as {
  readonly crossOriginIsolated: boolean;
  readonly navigator: { readonly hardwareConcurrency: number };
};

/** Each has a WebAssembly memory of its own, with the weights and what is between the layers. */
const MOST = 4;
/** Bytes that the models of all of them take at most. */
const MOST_MODEL_BYTES = 128e6;
/** Milliseconds without work after which they end. */
const IDLE = 10_000;
/** Runs that an instance is given at a time, so that it need not wait for this thread. */
const RUNS_EACH = 2;

export const openInstances: OpenInstances = async (graph, session, { device = "wasm", threads = page.navigator.hardwareConcurrency }) => {
  if (device !== "wasm") return undefined;
  const each = page.crossOriginIsolated ? Math.ceil(threads / MOST) : 1;
  const model = await modelOf(graph, device);
  const count = Math.min(MOST, Math.floor(threads / each), Math.floor(MOST_MODEL_BYTES / model.byteLength));
  return count > 1 ? new WorkerInstances(model, session, count, each) : undefined;
};

interface Waiting {
  resolve(results: Record<string, Tensor>): void;
  reject(error: Error): void;
}

interface Instance {
  readonly worker: WorkerThread;
  readonly waiting: Map<number, Waiting>;
}

class WorkerInstances implements Instances {
  readonly runs: number;
  readonly #model: Uint8Array;
  readonly #session: Session;
  readonly #count: number;
  readonly #threads: number;
  #instances: readonly Instance[] = [];
  #next = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** Whether no more may start: they were released, or one failed, because the page forbids workers, a bundler left theirs out, or memory is short. */
  #over = false;

  constructor(model: Uint8Array, session: Session, count: number, threads: number) {
    this.runs = RUNS_EACH * count;
    this.#model = model;
    this.#session = session;
    this.#count = count;
    this.#threads = threads;
  }

  async run(feeds: Tensors): Promise<Record<string, Tensor>> {
    if (!this.#over) {
      try {
        return await this.#ask(feeds);
      } catch (error) {
        this.#stop(String(error));
      }
    }
    // If it fails here too, the error says why.
    return this.#session.run(feeds);
  }

  async release(): Promise<void> {
    this.#stop("they were released");
  }

  #ask(feeds: Tensors): Promise<Record<string, Tensor>> {
    clearTimeout(this.#idle);
    if (this.#instances.length === 0) this.#instances = Array.from({ length: this.#count }, () => this.#start());
    const { worker, waiting } = this.#instances.reduce((best, each) => (best.waiting.size <= each.waiting.size ? best : each));
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      waiting.set(id, { resolve, reject });
      const sent = copyOf(feeds);
      worker.postMessage({ id, feeds: sent }, buffersOf(sent));
    });
  }

  #start(): Instance {
    // As it is, so that bundlers find the worker.
    const worker = new Worker(new URL("./instance-worker.browser.js", import.meta.url), { type: "module", name: "thaw-instance" });
    const waiting = new Map<number, Waiting>();
    worker.onmessage = ({ data }) => {
      if ("error" in data) return this.#stop(data.error);
      waiting.get(data.id)?.resolve(data.results);
      waiting.delete(data.id);
      this.#rest();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#stop(event.message ?? "for an unknown reason");
    };
    worker.postMessage({ model: this.#model, threads: this.#threads }, []);
    return { worker, waiting };
  }

  /** Ends them later if nothing is left to do. */
  #rest(): void {
    if (this.#instances.some(({ waiting }) => waiting.size > 0)) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#end("they had nothing to do"), IDLE);
  }

  #stop(reason: string): void {
    this.#over = true;
    this.#end(reason);
  }

  #end(reason: string): void {
    clearTimeout(this.#idle);
    const ended = this.#instances;
    this.#instances = [];
    for (const { worker, waiting } of ended) {
      worker.terminate();
      for (const { reject } of waiting.values()) reject(new Error(`The instances of the engine ended: ${reason}`));
    }
  }
}

/** What can be sent away: the tensors of who runs them are often parts of larger memory, and are read again if an instance fails. */
function copyOf(feeds: Tensors): Tensors {
  return Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, { ...value, data: value.data.slice() } as Tensor]));
}
