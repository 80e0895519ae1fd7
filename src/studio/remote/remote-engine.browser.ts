// The engine of a page that `thaw studio` serves: calls go to the server as JSON, and its events come over one WebSocket.

import { UsageError } from "../../core/errors.ts";
import type { CallName } from "../protocol/calls.ts";
import type { StudioEngine, StudioEvent } from "../protocol/engine.ts";
import type { NewPicture } from "../protocol/photographs.ts";
import { type CallAnswer, PICTURE_TYPE, ROUTES, type ServerMessage } from "../protocol/routes.ts";

// As in decode.browser.ts, the parts of the platform that are needed here.
interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}
interface Platform {
  readonly location: { readonly origin: string };
  readonly WebSocket: new (address: string) => Socket;
}

/** Milliseconds before the connection is tried again. */
const RETRY = 1000;
/** Pictures that are sent at once. */
const AT_ONCE = 4;

/** The engine behind the server that this page comes from. */
export function remoteEngine(): StudioEngine {
  const { location } = globalThis as unknown as Platform;
  const events = new Events(`${location.origin.replace(/^http/, "ws")}${ROUTES.events}`);
  const asks = <Name extends CallName>(name: Name) =>
    ((...args: unknown[]) => call(name, args)) as unknown as NonNullable<StudioEngine[Name]>;
  return {
    listen: (listener) => events.listen(listener),
    list: asks("list"),
    photographs: asks("photographs"),
    picture: async (id, size) => `${ROUTES.pictures}/${id}/${size}?v=${events.opened}`,
    add: (pictures) => inTurns(pictures, addPicture),
    examine: asks("examine"),
    act: asks("act"),
    undo: asks("undo"),
    redo: asks("redo"),
    refit: asks("refit"),
    exportLabels: asks("exportLabels"),
    importLabels: asks("importLabels"),
    planApply: asks("planApply"),
    apply: asks("apply"),
    train: asks("train"),
    stop: asks("stop"),
    resume: asks("resume"),
    trainingEvents: asks("trainingEvents"),
    renameRun: asks("renameRun"),
    deleteRun: asks("deleteRun"),
    compareRuns: asks("compareRuns"),
    results: asks("results"),
    heatMap: async (run, id, className) =>
      `${ROUTES.heat}/${run}/${id}?${new URLSearchParams({ v: events.opened, ...(className !== undefined && { class: className }) })}`,
    tryPicture: (bytes, run) =>
      put(`${ROUTES.try}${run === undefined ? "" : `?${new URLSearchParams({ run })}`}`, bytes) as ReturnType<StudioEngine["tryPicture"]>,
    export: asks("export"),
  };
}

async function call(name: CallName, args: readonly unknown[]): Promise<unknown> {
  // JSON has no undefined, and makes null of one.
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  return answerOf(
    fetch(ROUTES.call + name, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(given) }),
  );
}

function put(path: string, bytes: Uint8Array): Promise<unknown> {
  return answerOf(fetch(path, { method: "PUT", headers: { "content-type": PICTURE_TYPE }, body: bytes as Uint8Array<ArrayBuffer> }));
}

function addPicture({ name, bytes, class: className }: NewPicture) {
  const query = new URLSearchParams({ name, ...(className !== undefined && { class: className }) });
  return put(`${ROUTES.pictures}?${query}`, bytes) as Promise<Awaited<ReturnType<StudioEngine["add"]>>[number]>;
}

async function answerOf(response: Promise<Response>): Promise<unknown> {
  const found = await response.catch((cause: unknown) => {
    throw new UsageError("The studio does not answer", "If it has ended, start thaw studio again, and open the address that it prints.", {
      cause,
    });
  });
  const answer = (await found.json().catch(() => undefined)) as CallAnswer | undefined;
  if (answer && "result" in answer) return answer.result ?? undefined;
  throw new UsageError(
    answer?.error.message ?? `The studio refused (${found.status})`,
    answer?.error.hint ?? "Open the address that thaw studio printed.",
  );
}

/** What `work` makes of each of `items`, some at a time. */
async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, turn));
  return results;
}

/** One WebSocket, as long as someone listens, opened again when it is lost. */
class Events {
  /** Changes when the server is another one: numbers of photographs may mean others then. */
  opened = "0";
  readonly #address: string;
  readonly #listeners = new Set<(event: StudioEvent) => void>();
  #socket: Socket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #state: StudioEvent | undefined;

  constructor(address: string) {
    this.#address = address;
  }

  listen(listener: (event: StudioEvent) => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#open();
    else if (this.#state) listener(this.#state);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  #open(): void {
    const { WebSocket } = globalThis as unknown as Platform;
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    socket.onopen = () => this.#tell({ event: "connection", connected: true });
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data as string) as ServerMessage;
      if (event.event === "hello") this.opened = event.server;
      else {
        if (event.event === "state") this.#state = event;
        this.#tell(event);
      }
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#tell({ event: "connection", connected: false });
      this.#retry = setTimeout(() => this.#open(), RETRY);
    };
  }

  #close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#retry);
    socket?.close();
  }

  #tell(event: StudioEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
