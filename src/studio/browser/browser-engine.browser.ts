// The engine of a static page: photographs, labels, training and models stay in the browser, and nothing is sent anywhere.

import { encodeImage } from "#encode";
import { storage } from "#storage";
import { type Classifier, loadClassifier } from "../../classifier/classifier.ts";
import { UsageError } from "../../core/errors.ts";
import type { FileTree } from "../../data/files/file-tree.ts";
import { type HeatMaps, openHeatMaps } from "../../interpret/heat-maps.ts";
import type { TrainingWorker } from "../../page/train-in-worker.browser.ts";
import { readReport } from "../../recipe/record/report.ts";
import type { StudioEngine, StudioEvent, StudioState } from "../protocol/engine.ts";
import type { LabelAct } from "../protocol/labels.ts";
import type { AddedPicture, NewPicture, PhotoId, PhotoQuery, PictureSize } from "../protocol/photographs.ts";
import type { Answer, Download, ExportFormat, RunResults } from "../protocol/results.ts";
import type { RunComparison, RunId, TrainRequest } from "../protocol/training.ts";
import { compareRuns } from "../runs/compare-runs.ts";
import { readComparedRun } from "../runs/compared-run.ts";
import { exportModel } from "../runs/export-model.ts";
import type { PageFiles } from "../runs/model-page.ts";
import { resultsOf } from "../runs/run-results.ts";
import { checkPicture, placeFor } from "../session/new-picture.ts";
import { BrowserRuns } from "./browser-runs.browser.ts";
import { Photographs } from "./photographs.browser.ts";
import { RemoteSession } from "./remote-session.browser.ts";
import { ShownPictures } from "./shown.browser.ts";

/** What the engine takes from its page: workers, which bundlers find where they are named. */
export interface BrowserParts {
  /** One that has loaded session-worker.browser.ts. */
  session(): TrainingWorker;
  /** One that has loaded thaw's own worker, src/page/worker.browser.ts. */
  training(): TrainingWorker;
  /** The files of the page that predicts. */
  predictPage(): Promise<PageFiles>;
}

/** What pictures that are added to no folder are called. */
const OWN = "photographs";
const MOST_BYTES = 100_000_000;
/** Milliseconds between two looks at what other tabs have added to the journal. */
const LOOKS = 2000;
const APPLY = new UsageError("A page cannot move files", "Take the labels as a table, or open the folder with thaw studio.");

interface OpenModel {
  /** Where it is in the browser's storage. */
  readonly place: string;
  readonly classifier: Promise<Classifier>;
  maps: Promise<HeatMaps> | undefined;
}

interface Opened {
  readonly name: string;
  readonly photographs: Photographs;
  readonly session: RemoteSession;
  readonly runs: BrowserRuns;
}

/** Opens the engine: with the pictures of earlier visits, until the user opens a folder. */
export function browserEngine(parts: BrowserParts): StudioEngine {
  return new BrowserStudio(parts);
}

class BrowserStudio implements StudioEngine {
  readonly #parts: BrowserParts;
  readonly #listeners = new Set<(event: StudioEvent) => void>();
  readonly #shown = new ShownPictures();
  #opened: Promise<Opened>;
  #now: Opened | undefined;
  #model: OpenModel | undefined;

  constructor(parts: BrowserParts) {
    this.#parts = parts;
    this.#opened = this.#openPlace(OWN, undefined);
    this.#opened.catch((error: unknown) => this.#warn(error));
    setInterval(() => void this.#now?.session.call("refresh").catch(() => {}), LOOKS);
  }

  listen(listener: (event: StudioEvent) => void): () => void {
    this.#listeners.add(listener);
    const { state } = this;
    if (state) listener({ event: "state", state });
    return () => this.#listeners.delete(listener);
  }

  get state(): StudioState | undefined {
    const { session, runs, name } = this.#now ?? {};
    if (!session?.state || !runs || name === undefined) return undefined;
    return {
      engine: "browser",
      folder: { name, place: "this browser" },
      ...session.state,
      runs: runs.rows,
      can: { apply: false, open: true },
      mostBytes: MOST_BYTES,
    };
  }

  async open(photographs: FileTree): Promise<void> {
    const before = await this.#opened.catch(() => undefined);
    await before?.runs.close();
    await before?.session.close();
    this.#now = undefined;
    this.#opened = this.#openPlace(photographs.path, photographs);
    await this.#opened;
    this.#tell({ event: "photographs", revision: 0, ids: "all" });
  }

  list = async (query: PhotoQuery) => (await this.#opened).session.call("list", query);
  photographs = async (ids: readonly PhotoId[]) => (await this.#opened).session.call("photographs", ids);
  examine = async (what: "check" | "audit") => (await this.#opened).session.call("examine", what);
  act = async (act: LabelAct) => (await this.#opened).session.call("act", act);
  undo = async () => (await this.#opened).session.call("undo");
  redo = async () => (await this.#opened).session.call("redo");
  refit = async () => (await this.#opened).session.call("refit");
  importLabels = async (csv: string) => (await this.#opened).session.call("importLabels", csv);
  planApply = () => Promise.reject(APPLY);
  apply = () => Promise.reject(APPLY);

  async picture(id: PhotoId, size: PictureSize): Promise<string> {
    const { name, photographs } = await this.#photograph(id);
    return this.#shown.of(name, size, () => photographs.read(name));
  }

  async add(pictures: readonly NewPicture[]): Promise<readonly AddedPicture[]> {
    const { photographs, session } = await this.#opened;
    const names: string[] = [];
    for (const picture of pictures) {
      const { folder, file } = placeFor(picture);
      checkPicture(file, picture.bytes);
      const above = folder ?? "";
      const taken = new Set(await photographs.tree.namesIn(above));
      const free = freeName(file, taken);
      const name = folder === undefined ? free : `${folder}/${free}`;
      await photographs.add(name, picture.bytes);
      names.push(name);
    }
    const ids = await session.call("added", names);
    for (const [i, { class: label }] of pictures.entries())
      if (label !== undefined) await session.call("act", { act: "label", ids: [ids[i] as PhotoId], class: label });
    return ids.map((id, i) => ({ id, name: names[i] as string }));
  }

  async exportLabels(): Promise<Download> {
    const { session, name } = await this.#opened;
    return offered(`${name}-labels.csv`, new TextEncoder().encode(await session.call("labelsCsv")), "text/csv");
  }

  async train(request: TrainRequest): Promise<RunId> {
    const { session, runs } = await this.#opened;
    return runs.start(request, await session.call("trainingTable"));
  }

  stop = async (run: RunId) => (await this.#opened).runs.stop(run);
  resume = async (run: RunId) => (await this.#opened).runs.resume(run);
  trainingEvents = async (run: RunId, from = 0) => (await this.#opened).runs.events(run, from);
  renameRun = async (run: RunId, name: string) => (await this.#opened).runs.rename(run, name);
  deleteRun = async (run: RunId) => (await this.#opened).runs.delete(run);

  async compareRuns(ids: readonly RunId[]): Promise<RunComparison> {
    const { runs } = await this.#opened;
    const compared = await Promise.all(
      ids.map((id) => {
        runs.checkDone(id);
        return readComparedRun(id, runs.store(id));
      }),
    );
    return compareRuns(compared, await this.#finder(compared.flatMap(({ record }) => record.predictions.files)));
  }

  async results(run: RunId): Promise<RunResults> {
    const content = await readReport(await this.#done(run));
    const names = [...content.predictions.files, ...(content.problems?.labels ?? []).map(({ file }) => file)];
    return resultsOf(run, content, await this.#finder(names));
  }

  async heatMap(run: RunId, id: PhotoId, className?: string): Promise<string> {
    const model = this.#modelIn(await this.#done(run));
    model.maps ??= openHeatMaps(model.place);
    const { name, photographs } = await this.#photograph(id);
    return this.#shown.made(JSON.stringify([run, name, className]), async () => {
      const map = await (await (model.maps as Promise<HeatMaps>)).of(await photographs.read(name), { class: className });
      return encodeImage(map.overlay(), "JPEG");
    });
  }

  async tryPicture(bytes: Uint8Array, run?: RunId): Promise<Answer> {
    if (run === undefined) return (await this.#opened).session.call("tryPicture", bytes);
    checkPicture("It", bytes);
    const classifier = await this.#modelIn(await this.#done(run)).classifier;
    const begin = performance.now();
    const predictions = await classifier.predict(bytes);
    return {
      predictions: predictions.map(({ class: name, probability }) => ({ class: name, probability })),
      present: predictions[0]?.present,
      milliseconds: performance.now() - begin,
    };
  }

  async export(run: RunId, format: ExportFormat): Promise<Download> {
    const [place, { runs, name: folder }] = [await this.#done(run), await this.#opened];
    const { name } = runs.rows.find(({ id }) => id === run) ?? { name: run };
    const made = await exportModel(storage.open(place), format, `${folder}-${name}`, this.#parts.predictPage);
    return offered(made.name, made.bytes, "application/zip");
  }

  async #openPlace(path: string, base: FileTree | undefined): Promise<Opened> {
    const name = path.slice(path.lastIndexOf("/") + 1) || OWN;
    const place = `studio/${name}`;
    const photographs = await Photographs.open(path, base, storage.open(`${place}/added`));
    const cache = storage.cacheFor(path);
    const onState = (): void => {
      const { state } = this;
      if (state) this.#tell({ event: "state", state });
    };
    const session = await RemoteSession.open({
      tree: photographs.tree,
      worker: this.#parts.session(),
      journal: `${place}/labels.jsonl`,
      cache,
      onEvent: (event) => this.#tell(event),
      onState,
    });
    const runs = await BrowserRuns.open({
      folder: `${place}/runs`,
      cache,
      photographs,
      newWorker: () => this.#parts.training(),
      now: () => Math.round(performance.timeOrigin + performance.now()),
      onEvent: (training) => this.#tell({ event: "training", training }),
      onChange: onState,
    });
    this.#now = { name, photographs, session, runs };
    onState();
    return this.#now;
  }

  async #photograph(id: PhotoId): Promise<{ name: string; photographs: { read(name: string): Promise<Uint8Array> } }> {
    const { session, photographs } = await this.#opened;
    const [row] = await session.call("photographs", [id]);
    const { tree } = photographs;
    return {
      name: (row as { name: string }).name,
      photographs: { read: (name) => (tree.read as (name: string) => Promise<Uint8Array>)(name) },
    };
  }

  /** Finds photographs by the names that they have or had. */
  async #finder(names: readonly string[]): Promise<(name: string) => PhotoId | undefined> {
    const { session } = await this.#opened;
    const ids = await session.call("idsOf", names);
    const byName = new Map(names.map((name, i) => [name, ids[i]]));
    return (name) => byName.get(name);
  }

  /** Where the model of a run that is done is in the browser's storage. */
  async #done(run: RunId): Promise<string> {
    const { runs } = await this.#opened;
    runs.checkDone(run);
    return runs.model(run);
  }

  /** The model in `place`, open; one at a time, because each takes memory. */
  #modelIn(place: string): OpenModel {
    if (this.#model?.place === place) return this.#model;
    const old = this.#model;
    void old?.classifier.then((classifier) => classifier.dispose()).catch(() => {});
    void old?.maps?.then((maps) => maps.release()).catch(() => {});
    this.#model = { place, classifier: loadClassifier(place), maps: undefined };
    return this.#model;
  }

  #warn(error: unknown): void {
    const { message, hint } = error as { message: string; hint?: string };
    this.#tell({ event: "warning", message, ...(hint !== undefined && { hint }) });
  }

  #tell(event: StudioEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function freeName(file: string, taken: ReadonlySet<string>): string {
  const dot = file.lastIndexOf(".");
  for (let number = 1; ; number++) {
    const name = number === 1 ? file : `${file.slice(0, dot)}-${number}${file.slice(dot)}`;
    if (!taken.has(name)) return name;
  }
}

function offered(name: string, bytes: Uint8Array, type: string): Download {
  return { name, bytes: bytes.length, address: URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type })) };
}
