// How the page and the server of `thaw studio` say what engine.ts lists. One WebSocket a tab, at SOCKET, carries JSON texts: the page sends
// calls, the server answers and sends events, the first of which is the state. Bytes go by HTTP, within the same origin and with its cookie:
//
//   GET  picturePath(id, size)    the picture
//   POST ADD_PATH?name=…&class=…  bytes of one picture → AddedPicture
//   POST TRY_PATH?run=…           bytes of one picture → Answer
//
// Bodies are application/octet-stream; `class` and `run` are left out where there is none. The answers are JSON with status 200; of another
// status, `{ error: WireError }`. A heat map or a download is a call, whose result has the address to GET. JSON has no NaN: it is null.

import type { StudioEngine, StudioEvent } from "./engine.ts";
import type { PhotoId, PictureSize } from "./photographs.ts";
import type { RunId } from "./training.ts";

export const SOCKET = "/api/socket";
export const ADD_PATH = "/api/add";
export const TRY_PATH = "/api/try";
export const BYTES_TYPE = "application/octet-stream";

export const picturePath = (id: PhotoId, size: PictureSize): string => `/api/picture/${size}/${id}`;

export const addPath = (name: string, className: string | undefined): string =>
  `${ADD_PATH}?${new URLSearchParams({ name, ...(className !== undefined && { class: className }) })}`;

export const tryPath = (run: RunId | undefined): string => `${TRY_PATH}?${new URLSearchParams(run === undefined ? {} : { run })}`;

/** The methods of an engine that are called over the WebSocket, by their own names and with their own arguments. */
export const CALLS = [
  "list",
  "photographs",
  "examine",
  "act",
  "undo",
  "redo",
  "refit",
  "exportLabels",
  "importLabels",
  "planApply",
  "apply",
  "train",
  "stop",
  "resume",
  "trainingEvents",
  "renameRun",
  "deleteRun",
  "compareRuns",
  "results",
  "heatMap",
  "export",
] as const satisfies readonly (keyof StudioEngine)[];

export type CallName = (typeof CALLS)[number];

/** A call. Its number is the page's own, and comes back with the answer. */
export type WireCall = {
  readonly [Name in CallName]: { readonly id: number; readonly call: Name; readonly args: Parameters<StudioEngine[Name]> };
}[CallName];

/** What an error says to the user: of a UsageError its message and cure, of any other its message. */
export interface WireError {
  readonly message: string;
  readonly hint?: string | undefined;
}

/** An answer without error is a success; `result` is left out where it is undefined. */
export type WireAnswer = { readonly id: number; readonly result?: unknown } | { readonly id: number; readonly error: WireError };

/** What the server sends; "connection" is what the page itself tells of the WebSocket. */
export type FromServer = WireAnswer | Exclude<StudioEvent, { readonly event: "connection" }>;
