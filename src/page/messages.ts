// What a page and thaw's worker say to each other. All of it is plain data, which browsers copy between threads.

import { UsageError } from "../core/errors.ts";
import type { WritableFolder } from "../core/store/folder.browser.ts";
import { ImageError } from "../data/decode/image.ts";
import type { FileTree } from "../data/files/file-tree.ts";
import type { DoneEvent, RecipeEvent } from "../recipe/events.ts";
import type { TrainOptions } from "../recipe/train.ts";

/**
 * The options of a run in a worker: those of `train`. Models, caches and recipes have names in the browser's storage, which the worker shares; a
 * model may also go into a folder that the user picked for writing.
 */
export interface WorkerTrainOptions extends Omit<TrainOptions, "cache" | "out" | "recipe"> {
  readonly cache?: string | undefined;
  readonly out?: string | WritableFolder | undefined;
  readonly recipe?: string | undefined;
}

/** The options as they are sent: without functions, and with the name of a tree of files instead of the tree. */
export type SentOptions = Omit<WorkerTrainOptions, "folder" | "signal" | "onEvent">;

/** What the worker asks of the page's tree of files. */
export type TreeQuestion = "entries" | "namesIn" | "realPlace" | "read" | "start" | "stat" | "readTable";

export type ToWorker =
  | {
      readonly kind: "train";
      readonly options: SentOptions;
      readonly folder: string | { readonly path: string; readonly asks: readonly TreeQuestion[] };
    }
  | { readonly kind: "abort"; readonly reason: SentError }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly error: SentError };

export type ToPage =
  | { readonly kind: "event"; readonly event: RecipeEvent }
  | { readonly kind: "ask"; readonly id: number; readonly question: TreeQuestion; readonly name: string }
  | { readonly kind: "done"; readonly event: DoneEvent }
  | { readonly kind: "failed"; readonly error: SentError };

/** An error as it is sent: browsers copy neither the class nor the fields of one of thaw's. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly hint?: string | undefined;
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack } = error;
  return { name, message, stack, ...(error instanceof UsageError && { hint: error.hint }) };
}

/** The error that was sent, with its class, and the stack of where it was thrown. */
export function receivedError({ name, message, stack, hint }: SentError): Error {
  const error =
    name === "UsageError"
      ? new UsageError(message, hint)
      : name === "ImageError"
        ? new ImageError(message)
        : Object.assign(new Error(message), { name });
  return stack === undefined ? error : Object.assign(error, { stack });
}

/** Answers a question of the worker from the page's own tree. */
export function askTree(tree: FileTree, question: TreeQuestion, name: string): Promise<unknown> {
  const answer = tree[question] as ((name: string) => Promise<unknown>) | undefined;
  if (!answer) throw new Error(`The tree of files ${tree.path} has no ${question}`);
  return answer.call(tree, name);
}
