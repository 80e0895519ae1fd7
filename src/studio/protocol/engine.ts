// What the page of the studio asks of what is behind it: a server of `thaw studio`, or in a static page thaw itself in the browser. All of it
// is plain data. A user's mistake rejects with a UsageError, whose message is one sentence, and whose hint the cure.

import type { Progress } from "../../core/progress.ts";
import type { FileTree } from "../../data/files/file-tree.ts";
import type { Applied, ApplyPlan, ClassRow, DoneAct, Imported, LabelAct } from "./labels.ts";
import type { AddedPicture, NewPicture, Photograph, PhotoId, PhotoList, PhotoQuery, PictureSize } from "./photographs.ts";
import type { Answer, Download, ExportFormat, RunResults } from "./results.ts";
import type { RunComparison, RunId, RunRow, TrainingEvent, TrainRequest } from "./training.ts";

/** The head that is fitted on the labels so far. */
export interface HeadState {
  /** Labels that it was fitted on. */
  readonly labels: number;
  /** Share of labelled photographs, in [0, 1], that it named when they were held out of the fit; undefined with too few labels. */
  readonly accuracy: number | undefined;
  /** Of the fit and the predictions. */
  readonly seconds: number;
  readonly network: string;
}

/** What can be done now, and what there is. Small enough to be sent whole with every change. */
export interface StudioState {
  /** Where photographs and training are: a page says "nothing leaves this page" of "browser". */
  readonly engine: "node" | "browser";
  /** What the folder is called, and where it is; undefined in a browser until photographs are opened. */
  readonly folder: { readonly name: string; readonly place: string } | undefined;
  /** Rises with each change of labels, guesses or photographs. */
  readonly revision: number;
  readonly counts: {
    /** All, also those that are deleted or broken. */
    readonly photographs: number;
    readonly labelled: number;
    readonly unlabelled: number;
    readonly skipped: number;
    readonly deleted: number;
    readonly broken: number;
  };
  readonly classes: readonly ClassRow[];
  /** What is being computed about the photographs: "reading" their files, their "features", or the marks of "check" and "audit". */
  readonly work: { readonly kind: "reading" | "features" | "check" | "audit"; readonly progress: Progress | undefined } | undefined;
  /** Undefined until there are labels of two classes and the features of their photographs. */
  readonly head: HeadState | undefined;
  /** The acts that `undo` and `redo` would undo and redo. */
  readonly undo: DoneAct | undefined;
  readonly redo: DoneAct | undefined;
  /** The newest first. */
  readonly runs: readonly RunRow[];
  /** What this engine can do beside the rest. */
  readonly can: {
    /** Move and copy files (`planApply`, `apply`). */
    readonly apply: boolean;
    /** Open photographs that the page has (`open`), instead of adding them one by one. */
    readonly open: boolean;
  };
  /** The most bytes of a picture to add or try. */
  readonly mostBytes: number;
}

export type StudioEvent =
  | { readonly event: "state"; readonly state: StudioState }
  /** Rows that changed and are to be read again: all of them, or these. */
  | { readonly event: "photographs"; readonly revision: number; readonly ids: readonly PhotoId[] | "all" }
  | { readonly event: "training"; readonly training: TrainingEvent }
  /** Something went wrong outside a call, or is worth knowing. */
  | { readonly event: "warning"; readonly message: string; readonly hint?: string }
  /** Of the server: the connection was lost, or is back; then the state follows, and all rows are to be read again. */
  | { readonly event: "connection"; readonly connected: boolean };

export interface StudioEngine {
  /** Calls `listener` for each event, the state first, until the function that it returns is called. */
  listen(listener: (event: StudioEvent) => void): () => void;

  /** The photographs that a query finds, in order. */
  list(query: PhotoQuery): Promise<PhotoList>;
  /** Rows of at most 1,000 photographs, in the order of `ids`. */
  photographs(ids: readonly PhotoId[]): Promise<readonly Photograph[]>;
  /** The address of a picture for an `<img>`. "blob:" addresses hold while the picture is among the last thousand that were asked for. */
  picture(id: PhotoId, size: PictureSize): Promise<string>;
  /** Adds pictures: each lands in the folder, under another name if its own is taken. */
  add(pictures: readonly NewPicture[]): Promise<readonly AddedPicture[]>;
  /** Looks through all photographs for marks: "check" the files, "audit" the labels. The state tells its progress, rows its marks. */
  examine(what: "check" | "audit"): Promise<void>;

  /** Does an act on labels; resolves when it is on the disk. Undefined if it changed nothing. The head is fitted anew by itself. */
  act(act: LabelAct): Promise<DoneAct | undefined>;
  /** Undoes the last act that is not undone yet, whichever tab did it; undefined if there is none. */
  undo(): Promise<DoneAct | undefined>;
  redo(): Promise<DoneAct | undefined>;
  /** Fits the head anew and resolves when guesses are there; undefined with labels of fewer than two classes. */
  refit(): Promise<HeadState | undefined>;
  /** The labels as a table of names and labels. */
  exportLabels(): Promise<Download>;
  /** Takes labels from a table whose first columns are names and labels: one act. */
  importLabels(csv: string): Promise<Imported>;
  /** What `apply` would do. */
  planApply(how: "move" | "copy"): Promise<ApplyPlan>;
  /** Moves or copies files into the folders of their classes. */
  apply(token: string): Promise<Applied>;

  /** Starts a run; refused while another runs. */
  train(request: TrainRequest): Promise<RunId>;
  /** Stops a run at the next safe point; everything is kept for `resume`. */
  stop(run: RunId): Promise<void>;
  resume(run: RunId): Promise<void>;
  /** All events of a run but progress, from number `from` (default 0) on: what a page that is opened in between has missed. */
  trainingEvents(run: RunId, from?: number): Promise<readonly TrainingEvent[]>;
  renameRun(run: RunId, name: string): Promise<void>;
  deleteRun(run: RunId): Promise<void>;
  compareRuns(runs: readonly RunId[]): Promise<RunComparison>;
  /** The results of a run that is done. */
  results(run: RunId): Promise<RunResults>;
  /** The address of a photograph with the heat of where the run's network looked for `class` (default: the predicted one). */
  heatMap(run: RunId, id: PhotoId, className?: string): Promise<string>;
  /** What a run's model says about a picture; without a run, what the head says. */
  tryPicture(bytes: Uint8Array, run?: RunId): Promise<Answer>;
  export(run: RunId, format: ExportFormat): Promise<Download>;

  /** In a browser: opens photographs that the page has, instead of those before. */
  open?(photographs: FileTree): Promise<void>;
}
