// The page's side of the worker with its session.

import type { FileTree } from "../../data/files/file-tree.ts";
import { askTree, receivedError, sentError } from "../../page/messages.ts";
import { questionsOf } from "../../page/remote-tree.ts";
import type { TrainingWorker } from "../../page/train-in-worker.browser.ts";
import type { StudioEvent } from "../protocol/engine.ts";
import type { SessionState } from "../session/session.ts";
import type { CallArguments, CallResult, FromSession, OpenSession, SessionCall, ToSession } from "./session-messages.ts";

export interface RemoteSessionOptions extends Pick<OpenSession, "journal" | "cache"> {
  readonly tree: FileTree;
  readonly worker: TrainingWorker;
  readonly onEvent: (event: StudioEvent) => void;
  readonly onState: () => void;
}

export class RemoteSession {
  /** What the session said last. */
  state: SessionState | undefined;
  readonly #options: RemoteSessionOptions;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #calls = 0;

  private constructor(options: RemoteSessionOptions) {
    this.#options = options;
  }

  /** Opens the photographs of a tree in the worker. Throws what opening them throws. */
  static async open(options: RemoteSessionOptions): Promise<RemoteSession> {
    const session = new RemoteSession(options);
    await session.#open();
    return session;
  }

  call<Name extends SessionCall>(name: Name, ...args: CallArguments<Name>): Promise<CallResult<Name>> {
    const id = this.#calls++;
    this.#send({ kind: "call", id, name, args });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject }));
  }

  async close(): Promise<void> {
    await this.call("close");
    this.#options.worker.terminate();
  }

  #open(): Promise<void> {
    const { tree, worker, journal, cache } = this.#options;
    return new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }: { readonly data: FromSession }) => {
        if (data.kind === "opened") resolve();
        else if (data.kind === "notOpened") reject(receivedError(data.error));
        else this.#hear(data);
      });
      worker.addEventListener("error", ({ message }: { readonly message?: string }) => {
        const error = new Error(`The studio's worker ended${message ? `: ${message}` : ", or its file could not be loaded"}`);
        reject(error);
        for (const { reject: fail } of this.#waiting.values()) fail(error);
      });
      this.#send({ kind: "open", path: tree.path, asks: questionsOf(tree), journal, cache });
    });
  }

  #hear(data: Exclude<FromSession, { kind: "opened" | "notOpened" }>): void {
    switch (data.kind) {
      case "state":
        this.state = data.state;
        this.#options.onState();
        break;
      case "event":
        this.#options.onEvent(data.event);
        break;
      case "ask":
        void this.#answer(data);
        break;
      default: {
        const waiting = this.#waiting.get(data.id);
        this.#waiting.delete(data.id);
        if (data.kind === "result") waiting?.resolve(data.value);
        else waiting?.reject(receivedError(data.error));
      }
    }
  }

  async #answer({ id, question, name }: Extract<FromSession, { kind: "ask" }>): Promise<void> {
    try {
      this.#send({ kind: "answer", id, value: await askTree(this.#options.tree, question, name) });
    } catch (error) {
      this.#send({ kind: "refusal", id, error: sentError(error) });
    }
  }

  #send(message: ToSession): void {
    this.#options.worker.postMessage(message);
  }
}
