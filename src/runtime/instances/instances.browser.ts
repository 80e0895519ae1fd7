// Instances of WebAssembly in workers of their own. They share no memory, so that a page computes on several cores without being cross-origin
// isolated; and in one that is, several with few threads are faster than one with many.

import type { Tensor } from "../../core/tensor.ts";
import type { Session, Tensors } from "../engine.ts";
import { modelOf } from "../session.ts";
import type { Instances, OpenInstances } from "./instances.ts";
import { buffersOf, type FromInstance, messageOf, type ToInstance } from "./messages.ts";

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

export const openInstances: OpenInstances = async (graph, open, { device = "wasm", threads = page.navigator.hardwareConcurrency }) => {
  if (device !== "wasm") return undefined;
  const each = page.crossOriginIsolated ? Math.ceil(threads / MOST) : 1;
  const most = Math.min(MOST, Math.floor(threads / each));
  if (most < 2) return undefined;
  try {
    const model = await modelOf(graph, device);
    const count = Math.min(most, Math.floor(MOST_MODEL_BYTES / model.byteLength));
    return count < 2 ? undefined : new WorkerInstances(model, open, count, each);
  } catch (error) {
    warnOf(error);
    return undefined;
  }
};

/** Says that one session computes what several instances should, and why. */
function warnOf(reason: unknown): void {
  // biome-ignore lint/suspicious/noConsole: who computes activations has nobody else to tell.
  console.warn(
    `Several instances of WebAssembly cannot compute here, so one does, which takes longer. ` +
      `Look whether the page may load and start their worker (docs/browser.md), and has memory for it. The reason: ${messageOf(reason)}`,
  );
}

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
  readonly #open: () => Promise<Session>;
  readonly #count: number;
  readonly #threads: number;
  readonly #instances: Instance[] = [];
  #next = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** Whether one failed, because the page forbids workers, a bundler left theirs out, or memory is short: no more start. */
  #failed = false;
  #released = false;

  constructor(model: Uint8Array, open: () => Promise<Session>, count: number, threads: number) {
    this.runs = RUNS_EACH * count;
    this.#model = model;
    this.#open = open;
    this.#count = count;
    this.#threads = threads;
  }

  get started(): boolean {
    return this.#instances.length > 0;
  }

  async run(feeds: Tensors): Promise<Record<string, Tensor>> {
    if (!this.#failed && !this.#released) {
      try {
        return await this.#ask(feeds);
      } catch (error) {
        this.#fail(error);
      }
    }
    if (this.#released) throw new Error("The instances of the engine have been released");
    // If it fails here too, the error says why.
    return (await this.#open()).run(feeds);
  }

  async release(): Promise<void> {
    this.#released = true;
    this.#end("they were released");
  }

  #ask(feeds: Tensors): Promise<Record<string, Tensor>> {
    clearTimeout(this.#idle);
    while (this.#instances.length < this.#count) this.#start();
    const { worker, waiting } = this.#instances.reduce((best, each) => (best.waiting.size <= each.waiting.size ? best : each));
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      waiting.set(id, { resolve, reject });
      const sent = copyOf(feeds);
      worker.postMessage({ id, feeds: sent }, buffersOf(sent));
    });
  }

  #start(): void {
    // As it is, so that bundlers find the worker.
    const worker = new Worker(new URL("./instance-worker.browser.js", import.meta.url), { type: "module", name: "thaw-instance" });
    const waiting = new Map<number, Waiting>();
    this.#instances.push({ worker, waiting });
    worker.onmessage = ({ data }) => {
      if ("error" in data) return this.#fail(data.error);
      waiting.get(data.id)?.resolve(data.results);
      waiting.delete(data.id);
      this.#rest();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message ?? "their worker cannot be loaded");
    };
    worker.postMessage({ model: this.#model, threads: this.#threads }, []);
  }

  /** Ends them later if nothing is left to do. */
  #rest(): void {
    if (this.#instances.some(({ waiting }) => waiting.size > 0)) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#end("they had nothing to do"), IDLE);
  }

  #fail(reason: unknown): void {
    if (this.#failed || this.#released) return;
    this.#failed = true;
    warnOf(reason);
    this.#end(messageOf(reason));
  }

  #end(reason: string): void {
    clearTimeout(this.#idle);
    for (const { worker, waiting } of this.#instances.splice(0)) {
      worker.terminate();
      for (const { reject } of waiting.values()) reject(new Error(`The instances of the engine ended: ${reason}`));
    }
  }
}

/** What can be sent away: the tensors of who runs them are often parts of larger memory, and are read again if an instance fails. */
function copyOf(feeds: Tensors): Tensors {
  return Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, { ...value, data: value.data.slice() } as Tensor]));
}
