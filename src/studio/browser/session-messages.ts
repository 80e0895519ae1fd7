// What the page's engine and the worker with its session say to each other. All of it is plain data, which browsers copy between threads.

import type { SentError, TreeQuestion } from "../../page/messages.ts";
import type { StudioEvent } from "../protocol/engine.ts";
import type { PhotoId } from "../protocol/photographs.ts";
import { trainingTable } from "../runs/training-table.ts";
import type { SessionState, StudioSession } from "../session/session.ts";

/** What the page may ask of the session. */
export const SESSION_CALLS = {
  list: (session: StudioSession, ...args: Parameters<StudioSession["list"]>) => session.list(...args),
  photographs: (session: StudioSession, ...args: Parameters<StudioSession["photographs"]>) => session.photographs(...args),
  act: (session: StudioSession, ...args: Parameters<StudioSession["act"]>) => session.act(...args),
  undo: (session: StudioSession) => session.undo(),
  redo: (session: StudioSession) => session.redo(),
  refit: (session: StudioSession) => session.refit(),
  refresh: (session: StudioSession) => session.refresh(),
  examine: (session: StudioSession, ...args: Parameters<StudioSession["examine"]>) => session.examine(...args),
  importLabels: (session: StudioSession, ...args: Parameters<StudioSession["importLabels"]>) => session.importLabels(...args),
  labelsCsv: (session: StudioSession) => session.labelsCsv(),
  tryPicture: (session: StudioSession, ...args: Parameters<StudioSession["tryPicture"]>) => session.tryPicture(...args),
  added: (session: StudioSession, ...args: Parameters<StudioSession["added"]>) => session.added(...args),
  close: (session: StudioSession) => session.close(),
  /** The labels of now, as the table that a run learns from. */
  trainingTable: (session: StudioSession) => trainingTable(session),
  /** The names of photographs, and their numbers by the names that they have or had. */
  namesOf: (session: StudioSession, ids: readonly PhotoId[]) => ids.map((id) => session.table.name(id)),
  idsOf: (session: StudioSession, names: readonly string[]) => names.map((name) => session.idOf(name)),
} satisfies Readonly<Record<string, (session: StudioSession, ...args: never[]) => unknown>>;

export type SessionCall = keyof typeof SESSION_CALLS;

/** The arguments of a call, and what it comes to. */
export type CallArguments<Name extends SessionCall> =
  Parameters<(typeof SESSION_CALLS)[Name]> extends [StudioSession, ...infer Rest] ? Rest : never;
export type CallResult<Name extends SessionCall> = Awaited<ReturnType<(typeof SESSION_CALLS)[Name]>>;

export interface OpenSession {
  readonly kind: "open";
  /** What the photographs' tree is called, and what it answers. */
  readonly path: string;
  readonly asks: readonly TreeQuestion[];
  /** The journal of labels, and the cache, in the browser's storage. */
  readonly journal: string;
  readonly cache: string;
}

export type ToSession =
  | OpenSession
  | { readonly kind: "call"; readonly id: number; readonly name: SessionCall; readonly args: readonly unknown[] }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly error: SentError };

export type FromSession =
  | { readonly kind: "opened" }
  | { readonly kind: "notOpened"; readonly error: SentError }
  | { readonly kind: "state"; readonly state: SessionState }
  | { readonly kind: "event"; readonly event: StudioEvent }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly error: SentError }
  | { readonly kind: "ask"; readonly id: number; readonly question: TreeQuestion; readonly name: string };
