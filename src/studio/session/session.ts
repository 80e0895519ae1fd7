// A folder that is open in the studio: its photographs and their labels, a head that learns from them, and what the page asks about these. The
// same in Node and in a browser; what trains, and what serves pictures, is each engine's own.

import { UsageError } from "../../core/errors.ts";
import type { Progress, Warning, WorkOptions } from "../../core/progress.ts";
import type { SharedLog } from "../../core/store/shared-log.ts";
import type { Store } from "../../core/store/store.ts";
import { byText, type ScannedItem } from "../../data/dataset/items.ts";
import type { FileTree } from "../../data/files/file-tree.ts";
import { scanItems } from "../../data/load/scan.ts";
import { LabelJournal } from "../labels/journal.ts";
import type { JournalRecord } from "../labels/record.ts";
import type { HeadState, StudioEvent, StudioState } from "../protocol/engine.ts";
import type { DoneAct, Imported, LabelAct } from "../protocol/labels.ts";
import { type Mark, MOST_ROWS, type Photograph, type PhotoId, type PhotoList, type PhotoQuery } from "../protocol/photographs.ts";
import type { Answer } from "../protocol/results.ts";
import { checkedIds, labelsByClass, saidOf } from "./acts.ts";
import { examineFiles, examineLabels } from "./examine.ts";
import { FeatureBank } from "./feature-bank.ts";
import { Extractor } from "./features.ts";
import { type FitSubject, type Fitted, Fitting } from "./fitting.ts";
import { type Labelled, probabilitiesOf } from "./head.ts";
import { labelsCsv, readLabels } from "./label-table.ts";
import { isBroken, LabelledPhotos } from "./labelled-photos.ts";
import { learntFrom } from "./parts.ts";
import { isClassFolder, PhotoTable } from "./photo-table.ts";
import { type Candidate, inOrder, isFound } from "./query.ts";
import { doneActOf } from "./words.ts";

export interface SessionOptions {
  readonly tree: FileTree;
  /** The journal of labels. */
  readonly log: SharedLog;
  /** Folder or store of what is computed about the photographs. */
  readonly cache: string | Store;
  /** The store of `cache`. */
  readonly cacheStore: Store;
  /** Threads that the machine can run at once. */
  readonly cores: number;
  readonly offline?: boolean | undefined;
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
  /** A name that no other record has. */
  readonly newId: () => string;
  /** Called with what the page is to know; "state" means that the state is to be sent again. */
  readonly onEvent: (event: StudioEvent | "state") => void;
}

/** What of the studio's state a session knows. */
export type SessionState = Pick<StudioState, "revision" | "counts" | "classes" | "work" | "head" | "undo" | "redo">;

type Work = NonNullable<StudioState["work"]>["kind"];

/** Rows that are named in an event; if more changed, all did. */
const MOST_NAMED = 1000;
/** Names that an import lists as unknown. */
const MOST_UNKNOWN = 100;

export class StudioSession {
  readonly table: PhotoTable;
  readonly journal: LabelJournal;
  readonly #options: SessionOptions;
  readonly #fitting: Fitting;
  readonly #closing = new AbortController();
  readonly #marks = new Map<PhotoId, readonly Mark[]>();
  #extractor: Extractor | undefined;
  #bank: FeatureBank | undefined;
  #fitted: Fitted | undefined;
  #revision = 1;
  #labelled: LabelledPhotos | undefined;
  /** Photographs that nobody has read yet, and those whose features are to be computed, both in the background. */
  #unread: PhotoId[] = [];
  #unseen: PhotoId[] = [];
  #work: StudioState["work"];
  #lastWork: Promise<unknown> = Promise.resolve();

  private constructor(table: PhotoTable, journal: LabelJournal, options: SessionOptions) {
    this.table = table;
    this.journal = journal;
    this.#options = options;
    this.#fitting = new Fitting({
      subject: () => this.#fitSubject(),
      onFitted: (fitted) => this.#setFitted(fitted),
      onError: (error) => this.#warn(error),
    });
  }

  /** Opens the photographs in `tree` with their labels. What is computed about them begins with `start`. */
  static async open(options: SessionOptions): Promise<StudioSession> {
    const { table, classes } = await PhotoTable.read(options.tree);
    const { now, newId, onEvent } = options;
    const onWarning = (warning: Warning): void => onEvent({ event: "warning", ...warning });
    const journal = new LabelJournal(options.log, { folders: classes, now, newId, onWarning });
    await journal.refresh();
    return new StudioSession(table, journal, options);
  }

  get state(): SessionState {
    const { counts } = this.#photos;
    const { toUndo, toRedo } = this.journal;
    return {
      revision: this.#revision,
      counts,
      classes: this.#photos.classes(this.#fitted?.guesses),
      work: this.#work,
      head: this.#fitted?.state,
      undo: toUndo && doneActOf(toUndo),
      redo: toRedo && doneActOf(toRedo),
    };
  }

  /** Reads all photographs and computes their features in the background. */
  start(): void {
    this.#takeIn([...this.table.ids()]);
  }

  list(query: PhotoQuery): PhotoList {
    const found = [...this.table.ids()].map((id) => this.#candidate(id)).filter(isFound(query));
    return { ids: inOrder(found, query, (id) => this.table.placeInOrder(id)), revision: this.#revision };
  }

  photographs(ids: readonly PhotoId[]): readonly Photograph[] {
    if (ids.length > MOST_ROWS)
      throw new UsageError(`${ids.length} rows were asked for at once`, `Ask for at most ${MOST_ROWS}, those that are seen.`);
    checkedIds(this.table, ids);
    return ids.map((id) => this.#candidate(id));
  }

  async act(act: LabelAct): Promise<DoneAct | undefined> {
    const record = await this.journal.add((state) =>
      saidOf(act, { table: this.table, state, guessOf: (id) => this.#fitted?.guesses.of(id) }),
    );
    return record && this.#acted(record);
  }

  async undo(): Promise<DoneAct | undefined> {
    const record = await this.journal.undo();
    return record && this.#acted(record);
  }

  async redo(): Promise<DoneAct | undefined> {
    const record = await this.journal.redo();
    return record && this.#acted(record);
  }

  async refit(): Promise<HeadState | undefined> {
    return (await this.#fitting.request())?.state;
  }

  /** Takes in what other studios have added to the journal. */
  async refresh(): Promise<void> {
    if (await this.journal.refresh()) this.#labelsChanged("all");
  }

  labelsCsv(): string {
    return labelsCsv(this.table, this.#photos.labels);
  }

  async importLabels(csv: string): Promise<Imported> {
    const { labels, unknown } = readLabels(csv, this.table, this.journal.state);
    const record = await this.journal.add(() => {
      const before = new LabelledPhotos(this.table, this.journal.state).labels;
      const fresh = [...labels].filter(([id, label]) => before[id]?.label !== label);
      if (fresh.length === 0) return undefined;
      return { act: "import", labels: labelsByClass(fresh.map(([id, label]) => [this.table.name(id), label] as const)) };
    });
    if (record) this.#acted(record);
    return { labelled: labels.size, unknown: unknown.slice(0, MOST_UNKNOWN), unknownTotal: unknown.length };
  }

  /** The label of a photograph that counts; undefined for one that is deleted or has none. */
  labelOf(id: PhotoId): string | undefined {
    const found = this.#photos.labels[id];
    return found?.deleted ? undefined : found?.label;
  }

  /**
   * The photograph that was called `name`, by now or before it was moved: what a run of then has predicted is found all the same. Undefined if it
   * is gone.
   */
  idOf(name: string): PhotoId | undefined {
    return this.table.idOf(this.journal.state.placeNow(name));
  }

  /** Takes photographs in whose files have just been written, by their names. */
  added(names: readonly string[]): readonly PhotoId[] {
    const ids = names.map((name) => this.table.add(name));
    this.journal.addFolders(names.flatMap((name) => this.table.placeOf(name).folder ?? []).filter(isClassFolder));
    this.#labelsChanged("all");
    this.#takeIn(ids);
    return ids;
  }

  /** Takes in that files were moved, with an act of the journal, so that their labels go with them. */
  async moved(files: readonly { readonly id: PhotoId; readonly to: string }[]): Promise<void> {
    if (files.length === 0) return;
    await this.journal.add(() => ({ act: "moved", files: files.map(({ id, to }) => ({ from: this.table.name(id), to })) }));
    for (const { id, to } of files) this.table.rename(id, to);
    this.#labelsChanged("all");
  }

  /** Looks through all photographs for marks. */
  examine(what: "check" | "audit"): Promise<void> {
    return this.#inBackground(what, async (work) => {
      const ids = [...this.table.ids()];
      const found =
        what === "check"
          ? await examineFiles(this.table, ids, { ...work, cache: this.#options.cache })
          : await examineLabels(this.#fitSubjectOrFail(), work);
      this.#setMarks(found, what);
    });
  }

  /** What the head says about a picture. Throws a UsageError if there is no head yet, or if the picture cannot be read. */
  async tryPicture(bytes: Uint8Array): Promise<Answer> {
    const [fitted, extractor] = [this.#fitted, this.#extractor];
    if (!fitted || !extractor)
      throw new UsageError("There is nothing yet that could answer", "Label photographs of two classes, or train.");
    const begin = performance.now();
    const data = await extractor.featuresOf(bytes);
    const probabilities = await probabilitiesOf(fitted.model, { type: "float32", shape: [1, data.length], data });
    const predictions = fitted.classes.map((name, i) => ({ class: name, probability: probabilities[i] as number }));
    predictions.sort((a, b) => b.probability - a.probability || byText(a.class, b.class));
    return { predictions, present: undefined, milliseconds: performance.now() - begin };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#lastWork.catch(() => {});
    await this.#fitting.close();
    await this.#extractor?.release();
    await this.journal.close();
  }

  get #photos(): LabelledPhotos {
    this.#labelled ??= new LabelledPhotos(this.table, this.journal.state);
    return this.#labelled;
  }

  #candidate(id: PhotoId): Candidate {
    const label = this.#photos.labels[id] as NonNullable<LabelledPhotos["labels"][number]>;
    const { deleted } = label;
    const marks = this.#marks.get(id) ?? [];
    return {
      id,
      name: this.table.name(id),
      ...label,
      guess: this.#fitted?.guesses.of(id),
      marks: deleted ? [{ mark: "deleted", message: "Marked as deleted: it counts for nothing." }, ...marks] : marks,
    };
  }

  #acted(record: JournalRecord): DoneAct | undefined {
    const { does } = record;
    const names = "labels" in does ? does.labels.flatMap((group) => group.names) : "names" in does ? does.names : undefined;
    const ids = names && names.length <= MOST_NAMED ? names.flatMap((name) => this.table.idOf(name) ?? []) : "all";
    this.#labelsChanged(ids);
    return doneActOf(record);
  }

  #labelsChanged(ids: readonly PhotoId[] | "all"): void {
    this.#labelled = undefined;
    this.#revised(ids);
    void this.#fitting.request().catch(() => {});
  }

  #revised(ids: readonly PhotoId[] | "all"): void {
    this.#revision++;
    this.#options.onEvent({ event: "photographs", revision: this.#revision, ids });
    this.#options.onEvent("state");
  }

  #setFitted(fitted: Fitted | undefined): void {
    if (fitted === this.#fitted) return;
    this.#fitted = fitted;
    this.#revised("all");
  }

  /** The photographs that a head can learn from: with label and features, not deleted, and not put aside for a test. */
  #fitSubject(): FitSubject | undefined {
    const [bank, extractor] = [this.#bank, this.#extractor];
    if (!bank || !extractor) return undefined;
    const found: [PhotoId, string][] = [];
    for (const id of bank.photographs) {
      const label = this.table.has(id) ? this.labelOf(id) : undefined;
      if (label !== undefined && this.table.placeOf(this.table.name(id)).part !== "test") found.push([id, label]);
    }
    const classes = [...new Set(found.map(([, label]) => label))].sort(byText);
    if (classes.length < 2) return undefined;
    const indices = new Map(classes.map((name, i) => [name, i]));
    const labelled: Labelled[] = found.map(([id, label]) => ({ id, label: indices.get(label) as number }));
    return { bank, labelled, classes, network: extractor.network };
  }

  #fitSubjectOrFail(): FitSubject {
    const subject = this.#fitSubject();
    if (subject) return subject;
    throw new UsageError("There are no labels to examine yet", "Label photographs of two classes, and wait until all have been looked at.");
  }

  #setMarks(found: ReadonlyMap<PhotoId, readonly Mark[]>, by: "check" | "audit"): void {
    const own: readonly Mark["mark"][] = by === "check" ? ["broken", "copy", "misnamed", "odd"] : ["suspect", "outlier"];
    for (const id of this.table.ids()) {
      const others = (this.#marks.get(id) ?? []).filter(({ mark }) => !own.includes(mark));
      this.#marks.set(id, [...others, ...(found.get(id) ?? [])]);
    }
    this.#revised("all");
  }

  /** Reads photographs and computes their features in the background, together with others that come until then. */
  #takeIn(ids: readonly PhotoId[]): void {
    const isWaiting = this.#unread.length > 0;
    this.#unread.push(...ids);
    if (isWaiting) return;
    void this.#inBackground("reading", async (work) => {
      const fresh = this.#unread.splice(0);
      await this.#read(fresh, work);
      this.#unseen.push(...fresh);
    });
    void this.#inBackground("features", (work) => this.#compute(this.#unseen.splice(0), work));
  }

  async #read(ids: readonly PhotoId[], work: WorkOptions): Promise<void> {
    const items = ids.map((id) => this.table.item(id));
    // The findings of some would replace those of all.
    const cache = ids.length === this.table.count ? this.#options.cache : undefined;
    const found = await scanItems(items, { ...work, cache });
    for (const [i, id] of ids.entries()) {
      const facts = found[i] as NonNullable<(typeof found)[number]>;
      this.table.setFacts(id, facts);
      if ("error" in facts) this.#marks.set(id, [{ mark: "broken", message: `It cannot be read: ${facts.error}.` }]);
    }
    this.#labelled = undefined;
    this.#revised("all");
  }

  async #compute(ids: readonly PhotoId[], work: WorkOptions): Promise<void> {
    const readable = ids.filter((id) => this.table.facts(id) && !isBroken(this.table, id) && !this.#bank?.has(id));
    if (readable.length === 0) return;
    const { cacheStore, cores, offline, tree } = this.#options;
    this.#extractor ??= await Extractor.open({
      photographs: this.table.count,
      train: learntFrom(this.table),
      cores,
      cache: cacheStore,
      path: tree.path,
      offline,
      ...work,
    });
    this.#bank ??= new FeatureBank(this.#extractor.width, readable.length);
    const photographs = new Map(readable.map((id) => [id, { ...this.table.facts(id), ...this.table.item(id) } as ScannedItem] as const));
    let isFirst = true;
    for await (const block of this.#extractor.features(photographs, work)) {
      this.#bank.add(block);
      // A first answer early, and then the one for all.
      if (isFirst) void this.#fitting.request().catch(() => {});
      isFirst = false;
    }
    await this.#fitting.request();
  }

  /** Does work after the work before it, and tells its progress. Its failure is told, and nothing else ends. */
  #inBackground(kind: Work, work: (options: WorkOptions) => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    const set = (progress: Progress | undefined): void => {
      this.#work = { kind, progress };
      this.#options.onEvent("state");
    };
    const onWarning = (warning: Warning): void => this.#options.onEvent({ event: "warning", ...warning });
    const result = this.#lastWork.then(async () => {
      if (signal.aborted) return;
      set(undefined);
      try {
        await work({ signal, onProgress: set, onWarning });
      } catch (error) {
        if (!signal.aborted) this.#warn(error);
      } finally {
        this.#work = undefined;
        if (!signal.aborted) this.#options.onEvent("state");
      }
    });
    this.#lastWork = result;
    return result;
  }

  #warn(error: unknown): void {
    const { message, hint } = error as { message: string; hint?: string };
    this.#options.onEvent({ event: "warning", message, ...(hint !== undefined && { hint }) });
  }
}
