// The page's state: what the engine said last, what is shown and what is selected. Views read its signals and call its methods.

import { batch, computed, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { StudioEngine, StudioEvent, StudioState } from "../../protocol/engine.ts";
import type { DoneAct, LabelAct } from "../../protocol/labels.ts";
import type { RunId } from "../../protocol/training.ts";
import { keysOf } from "./class-keys.ts";
import { Notices } from "./notices.ts";
import { type Chosen, PhotoView } from "./photo-view.ts";
import { Rows } from "./rows.ts";
import { Runs } from "./runs.ts";
import { Selection } from "./selection.ts";

export const VIEWS = ["photos", "train", "results", "try"] as const;
export type View = (typeof VIEWS)[number];

export class Studio {
  readonly engine: StudioEngine;
  readonly notices = new Notices();
  readonly state = signal<StudioState | undefined>(undefined);
  /** The first state that the engine says. */
  readonly ready: Promise<StudioState>;
  readonly connected = signal(true);
  readonly view = signal<View>("photos");
  /** The run that Train, Results and Try are about; undefined for the newest that fits. */
  readonly run = signal<RunId | undefined>(undefined);
  /** Whether Train shows the form for another run. */
  readonly another = signal(false);
  readonly rows: Rows;
  readonly photos: PhotoView;
  readonly selection: Selection;
  readonly runs: Runs;
  readonly classes = computed<readonly string[]>(() => this.state.value?.classes.map(({ name }) => name) ?? []);
  readonly classKeys = computed(() => keysOf(this.classes.value));

  constructor(engine: StudioEngine) {
    this.engine = engine;
    const fail = (error: unknown): void => this.notices.fail(error);
    this.rows = new Rows(engine, fail);
    this.photos = new PhotoView(engine, fail);
    this.selection = new Selection(() => this.photos.ids.value);
    this.runs = new Runs(engine, fail);
    this.ready = new Promise((resolve) => this.state.subscribe((state) => state && resolve(state)));
  }

  /** Listens to the engine until the function that it returns is called. */
  open(): () => void {
    return this.engine.listen((event) => batch(() => this.#hear(event)));
  }

  #hear(event: StudioEvent): void {
    switch (event.event) {
      case "state": {
        const before = this.state.value;
        this.state.value = event.state;
        const others = before?.counts.photographs !== event.state.counts.photographs || before?.folder?.place !== event.state.folder?.place;
        if (others) void this.photos.refresh();
        break;
      }
      case "photographs":
        this.rows.forget(event.ids);
        break;
      case "training":
        this.runs.hear(event.training);
        break;
      case "warning":
        this.notices.add({ kind: "warning", message: event.message, hint: event.hint });
        break;
      case "connection":
        this.connected.value = event.connected;
        if (event.connected) {
          this.rows.forget("all");
          this.runs.reread();
        }
    }
  }

  /** Waits for `work` and shows why it failed; then undefined. */
  async try<Value>(work: Promise<Value>): Promise<Value | undefined> {
    try {
      return await work;
    } catch (error) {
      this.notices.fail(error);
      return undefined;
    }
  }

  async act(act: LabelAct): Promise<DoneAct | undefined> {
    const done = await this.try(this.engine.act(act));
    if (done) this.#tell(done.words, true);
    return done;
  }

  async undo(): Promise<void> {
    const undone = await this.try(this.engine.undo());
    if (undone) this.#tell(`Undone: ${lowerFirst(undone.words)}`, false);
  }

  async redo(): Promise<void> {
    const redone = await this.try(this.engine.redo());
    if (redone) this.#tell(redone.words, true);
  }

  #tell(message: string, undoable: boolean): void {
    this.notices.add({ kind: "done", message, ...(undoable && { action: { label: "Undo", run: () => void this.undo() } }) });
  }

  go(view: View): void {
    if (this.view.value !== view) this.view.value = view;
    if (location.hash !== `#${view}`) history.pushState(undefined, "", `#${view}`);
  }

  /** Shows the form for another run. */
  trainAgain(): void {
    this.another.value = true;
    this.go("train");
  }

  /** Shows photographs that a view chose in the grid. */
  showPhotos(chosen: Chosen): void {
    batch(() => {
      this.photos.show(chosen);
      this.selection.reset();
      this.go("photos");
    });
  }

  /** The view that the address names. */
  followAddress(): void {
    const named = VIEWS.find((view) => `#${view}` === location.hash);
    this.view.value = named ?? "photos";
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export const StudioContext = createContext<Studio | undefined>(undefined);

export function useStudio(): Studio {
  return useContext(StudioContext) as Studio;
}
