// The engine of `thaw studio`: a session of the folder, its runs in processes of their own, pictures, exports, and files that are added and moved.

import { randomUUID } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { ensureFolder } from "../../core/files.node.ts";
import { diskStore } from "../../core/store/disk.node.ts";
import { openSharedLog } from "../../core/store/shared-log.node.ts";
import { files } from "../../data/files/files.node.ts";
import { readReport } from "../../recipe/record/report.ts";
import type { StudioEvent, StudioState } from "../protocol/engine.ts";
import type { Applied, ApplyPlan, LabelAct } from "../protocol/labels.ts";
import type { AddedPicture, NewPicture, PhotoId, PhotoQuery, PictureSize } from "../protocol/photographs.ts";
import type { Answer, Download, ExportFormat, RunResults } from "../protocol/results.ts";
import type { RunComparison, RunId, TrainRequest } from "../protocol/training.ts";
import { compareRuns } from "../runs/compare-runs.ts";
import { readComparedRun } from "../runs/compared-run.ts";
import { exportModel } from "../runs/export-model.ts";
import { resultsOf } from "../runs/run-results.ts";
import { trainingTable } from "../runs/training-table.ts";
import type { MadeDownload, ServedEngine, ShownPicture } from "../server/served-engine.ts";
import { predictPage } from "../server/static-page.node.ts";
import { checkedIds } from "../session/acts.ts";
import { StudioSession } from "../session/session.ts";
import { writePicture } from "./added-pictures.node.ts";
import { applyPlan, type FullPlan, planFiles, shownPlan } from "./apply.node.ts";
import { Downloads } from "./downloads.ts";
import { Models } from "./models.node.ts";
import { Pictures } from "./pictures.node.ts";
import { Runs } from "./runs.node.ts";

export interface StudioOptions {
  /** The photographs' folder; made if it does not exist. */
  readonly folder: string;
  /** The folder of labels and runs; default "<folder>-studio". */
  readonly work?: string | undefined;
  /** The folder of what is computed about the photographs. */
  readonly cache: string;
  readonly cores: number;
  readonly offline?: boolean | undefined;
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
}

/** The most bytes of a picture that is added or tried. */
export const MOST_PICTURE_BYTES = 100_000_000;
/** Milliseconds between two states that are sent, and between two looks at what other studios have added to the journal. */
const [STATES, LOOKS] = [100, 2000];

/** The default folder of labels and runs of the photographs in `folder`: beside them, for they belong to the user, as a model does. */
export function workFolderOf(folder: string): string {
  const path = resolve(folder);
  return join(dirname(path), `${basename(path)}-studio`);
}

export class NodeStudio implements ServedEngine {
  readonly #options: StudioOptions;
  readonly #session: StudioSession;
  readonly #runs: Runs;
  readonly #listeners: Set<(event: StudioEvent) => void>;
  readonly #pictures = new Pictures();
  readonly #models = new Models();
  readonly #downloads = new Downloads(randomUUID);
  readonly #looks: ReturnType<typeof setInterval>;
  #plan: FullPlan | undefined;

  private constructor(options: StudioOptions, session: StudioSession, runs: Runs, listeners: Set<(event: StudioEvent) => void>) {
    this.#options = options;
    this.#session = session;
    this.#runs = runs;
    this.#listeners = listeners;
    this.#looks = setInterval(() => void session.refresh().catch(() => {}), LOOKS);
    this.#looks.unref();
  }

  /** Opens the folder. Throws a UsageError if it cannot be read, or labels cannot be written. */
  static async open(options: StudioOptions): Promise<NodeStudio> {
    const { folder, cache, cores, offline, now, work = workFolderOf(folder) } = options;
    await ensureFolder(folder);
    const listeners = new Set<(event: StudioEvent) => void>();
    let studio: NodeStudio | undefined;
    const tell = (event: StudioEvent): void => {
      for (const listener of [...listeners]) listener(event);
    };
    const changed = throttled(() => studio && tell({ event: "state", state: studio.state }), STATES);
    const session = await StudioSession.open({
      tree: files.tree(folder),
      log: await openSharedLog(join(work, "labels.jsonl")),
      cache,
      cacheStore: diskStore(cache),
      cores,
      offline,
      now,
      newId: randomUUID,
      onEvent: (event) => (event === "state" ? changed() : tell(event)),
    });
    const runs = await Runs.open({
      folder: join(work, "runs"),
      photographs: resolve(folder),
      cache,
      offline,
      now,
      onEvent: (training) => tell({ event: "training", training }),
      onChange: changed,
    });
    studio = new NodeStudio({ ...options, work }, session, runs, listeners);
    session.start();
    return studio;
  }

  get state(): StudioState {
    const place = resolve(this.#options.folder);
    return {
      engine: "node",
      folder: { name: basename(place), place },
      ...this.#session.state,
      runs: this.#runs.rows,
      can: { apply: true, open: false },
      mostBytes: MOST_PICTURE_BYTES,
    };
  }

  listen(listener: (event: StudioEvent) => void): () => void {
    this.#listeners.add(listener);
    listener({ event: "state", state: this.state });
    return () => this.#listeners.delete(listener);
  }

  list = async (query: PhotoQuery) => this.#session.list(query);
  photographs = async (ids: readonly PhotoId[]) => this.#session.photographs(ids);
  examine = (what: "check" | "audit") => this.#session.examine(what);
  act = (act: LabelAct) => this.#session.act(act);
  undo = () => this.#session.undo();
  redo = () => this.#session.redo();
  refit = () => this.#session.refit();
  importLabels = (csv: string) => this.#session.importLabels(csv);

  async add(pictures: readonly NewPicture[]): Promise<readonly AddedPicture[]> {
    const names: string[] = [];
    for (const picture of pictures) names.push(await writePicture(resolve(this.#options.folder), picture));
    const ids = this.#session.added(names);
    const labels = new Map<string, PhotoId[]>();
    for (const [i, { class: label }] of pictures.entries())
      if (label !== undefined) labels.set(label, [...(labels.get(label) ?? []), ids[i] as PhotoId]);
    // A class may have another name by now than the folder.
    for (const [label, members] of labels) await this.#session.act({ act: "label", ids: members, class: label });
    return ids.map((id, i) => ({ id, name: names[i] as string }));
  }

  async exportLabels(): Promise<Download> {
    const { name } = this.state.folder as { name: string };
    return this.#downloads.offer({ name: `${name}-labels.csv`, bytes: Buffer.from(this.#session.labelsCsv()), type: "text/csv" });
  }

  async planApply(how: "move" | "copy"): Promise<ApplyPlan> {
    this.#plan = await planFiles(this.#session, how, this.#sorted);
    return shownPlan(this.#plan);
  }

  async apply(token: string): Promise<Applied> {
    const plan = this.#plan;
    this.#plan = undefined;
    // Labels and files may have changed since the user has seen the plan.
    const now = plan && (await planFiles(this.#session, plan.how, this.#sorted));
    if (!now || shownPlan(now).token !== token)
      throw new UsageError("Labels or files have changed since this plan was shown, so nothing was done", "Look at the new plan.");
    return applyPlan(this.#session, now);
  }

  async train(request: TrainRequest): Promise<RunId> {
    return this.#runs.start(request, trainingTable(this.#session));
  }

  async stop(run: RunId): Promise<void> {
    this.#runs.stop(run);
  }

  async resume(run: RunId): Promise<void> {
    this.#runs.resume(run);
  }

  trainingEvents = async (run: RunId, from = 0) => this.#runs.events(run, from);
  renameRun = (run: RunId, name: string) => this.#runs.rename(run, name);

  async deleteRun(run: RunId): Promise<void> {
    await this.#models.close(this.#runs.model(run));
    await this.#runs.delete(run);
  }

  async compareRuns(ids: readonly RunId[]): Promise<RunComparison> {
    const compared = await Promise.all(
      ids.map((id) => {
        this.#runs.checkDone(id);
        return readComparedRun(id, this.#runs.store(id));
      }),
    );
    return compareRuns(compared, (name) => this.#session.idOf(name));
  }

  async results(run: RunId): Promise<RunResults> {
    return resultsOf(run, await readReport(this.#done(run)), (name) => this.#session.idOf(name));
  }

  async tryPicture(bytes: Uint8Array, run?: RunId): Promise<Answer> {
    return run === undefined ? this.#session.tryPicture(bytes) : this.#models.answer(this.#done(run), bytes);
  }

  async export(run: RunId, format: ExportFormat): Promise<Download> {
    const { name } = this.#runs.rows.find(({ id }) => id === run) ?? { name: run };
    const made = await exportModel(diskStore(this.#done(run)), format, `${basename(this.#options.folder)}-${name}`, predictPage);
    return this.#downloads.offer({ ...made, type: "application/zip" });
  }

  async pictureBytes(id: PhotoId, size: PictureSize, signal: AbortSignal): Promise<ShownPicture> {
    return this.#pictures.of(this.#file(id), size, signal);
  }

  async heatBytes(run: RunId, id: PhotoId, className?: string): Promise<ShownPicture> {
    return { bytes: await this.#models.heat(this.#done(run), this.#file(id), className), type: "image/jpeg" };
  }

  download(token: string): MadeDownload | undefined {
    return this.#downloads.get(token);
  }

  /** Stops what runs, which can be resumed, and frees everything. */
  async close(): Promise<void> {
    clearInterval(this.#looks);
    await this.#runs.close();
    await this.#session.close();
    await this.#models.closeAll();
  }

  /** The folder of copies in folders of their classes. */
  get #sorted(): string {
    const place = resolve(this.#options.folder);
    return join(dirname(place), `${basename(place)}-sorted`);
  }

  #file(id: PhotoId): string {
    checkedIds(this.#session.table, [id]);
    return this.#session.table.item(id).file;
  }

  /** The folder of the model of a run that is done. */
  #done(run: RunId): string {
    this.#runs.checkDone(run);
    return this.#runs.model(run);
  }
}

/** Calls `work` soon, and not more often than every so many milliseconds. */
function throttled(work: () => void, milliseconds: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  return () => {
    if (timer) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        last = performance.now();
        work();
      },
      Math.max(0, last + milliseconds - performance.now()),
    );
    timer.unref();
  };
}
