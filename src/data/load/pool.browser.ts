// The workers in which images are read in a browser. Where a page may not start any, its own thread reads them.

/** Work for a worker. */
export interface ToWorker {
  readonly id: number;
  /** The function that does it. */
  readonly name: string;
  readonly task: unknown;
}

/** What a worker says: that it has been loaded, or what became of some work. */
export type FromWorker =
  | { readonly ready: true }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

// As in decode.browser.ts, the parts of the platform that are needed here.
interface WorkerThread {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: { readonly data: FromWorker }) => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
}
declare const Worker: new (address: URL, options: { readonly type: "module"; readonly name: string }) => WorkerThread;

interface Waiting {
  readonly work: ToWorker;
  readonly here: () => Promise<unknown>;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: WorkerThread;
  readonly waiting: Map<number, Waiting>;
  ready: boolean;
}

/** Workers that idle for as long are ended: each holds some megabytes. */
const IDLE = 10_000;
/** More would not be faster: the browser decodes in threads of its own, and one thread hands out the work. */
const MOST = 4;

const threads: Thread[] = [];
let next = 0;
let idle: ReturnType<typeof setTimeout> | undefined;
/** Whether workers cannot be had here. */
let none = false;

/** Number of workers: one for each core, four at most. */
export function defaultWorkers(): number {
  const { navigator } = globalThis as unknown as { readonly navigator: { readonly hardwareConcurrency?: number } };
  return Math.min(MOST, navigator.hardwareConcurrency ?? 1);
}

/** Runs the function `name` of decode-worker.browser.ts on `task` in a worker, or `here` where there can be none. */
export function runInPool<Result>(name: string, task: unknown, here: () => Promise<Result>): Promise<Result> {
  clearTimeout(idle);
  const thread = threadForWork();
  if (!thread) return here();
  return new Promise<Result>((resolve, reject) => {
    const work = { id: next++, name, task };
    thread.waiting.set(work.id, { work, here, resolve: resolve as (result: unknown) => void, reject });
    thread.worker.postMessage(work);
  });
}

/** Ends the workers. What they have begun fails. */
export function endThreads(): void {
  for (const thread of threads.splice(0)) end(thread, "it was closed");
}

/** The thread with the least to do, or a new one. */
function threadForWork(): Thread | undefined {
  const free = threads.reduce<Thread | undefined>(
    (best, each) => (best && best.waiting.size <= each.waiting.size ? best : each),
    undefined,
  );
  if (none || free?.waiting.size === 0 || threads.length >= defaultWorkers()) return none ? undefined : free;
  const started = start();
  if (started) threads.push(started);
  return started;
}

function start(): Thread | undefined {
  let worker: WorkerThread;
  try {
    // As it is, so that bundlers find the worker.
    worker = new Worker(new URL("./decode-worker.browser.js", import.meta.url), { type: "module", name: "thaw-decode" });
  } catch {
    // The page's rules forbid it, or there are no workers here.
    none = true;
    return undefined;
  }
  const thread: Thread = { worker, waiting: new Map(), ready: false };
  worker.onmessage = ({ data }) => {
    if ("ready" in data) thread.ready = true;
    else settle(thread, data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    threads.splice(threads.indexOf(thread), 1);
    if (thread.ready) end(thread, event.message ?? "for an unknown reason");
    else decodeHere(thread);
  };
  return thread;
}

function settle(thread: Thread, answer: Exclude<FromWorker, { ready: true }>): void {
  const waiting = thread.waiting.get(answer.id);
  thread.waiting.delete(answer.id);
  if ("error" in answer) waiting?.reject(new Error(answer.error));
  else waiting?.resolve(answer.result);
  if (threads.some((each) => each.waiting.size > 0)) return;
  clearTimeout(idle);
  idle = setTimeout(endThreads, IDLE);
}

function end({ worker, waiting }: Thread, reason: string): void {
  worker.terminate();
  for (const { reject } of waiting.values()) reject(new Error(`A worker ended while it read an image: ${reason}`));
}

/** The worker could not be loaded, for example because a bundler left it out, or the page's rules forbid it. */
function decodeHere({ worker, waiting }: Thread): void {
  none = true;
  worker.terminate();
  for (const { here, resolve, reject } of waiting.values()) here().then(resolve, reject);
}
