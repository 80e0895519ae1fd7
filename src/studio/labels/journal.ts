// The journal of a folder's labels: lines that are only ever added, and what they come to. Several studios may write one journal: before each
// act a journal reads what the others have added, and the order of the lines is everybody's.

import type { Warning } from "../../core/progress.ts";
import type { SharedLog } from "../../core/store/shared-log.ts";
import { UNPRINTABLE } from "../../core/unprintable.ts";
import { LabelState } from "./label-state.ts";
import { type JournalRecord, lineOf, recordOf, type Said } from "./record.ts";

/** What a journal takes from its surroundings. */
export interface JournalOptions {
  /** The classes that there are folders of. */
  readonly folders: readonly string[];
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
  /** A name that no other record has. */
  readonly newId: () => string;
  readonly onWarning?: ((warning: Warning) => void) | undefined;
}

/** Acts that cannot be undone: undoing itself, and files that were moved, which applying again moves. */
const NOT_UNDONE: ReadonlySet<Said["act"]> = new Set(["undo", "redo", "moved"]);
/** Lines that are named before only their number is told. */
const MOST_NAMED = 3;

export class LabelJournal {
  readonly #log: SharedLog;
  readonly #options: JournalOptions;
  #folders: readonly string[];
  readonly #records: JournalRecord[] = [];
  readonly #known = new Set<string>();
  #state: LabelState;
  /** The acts that count, and those that were undone since the last act, each in its order. */
  #done: JournalRecord[] = [];
  #undone: JournalRecord[] = [];
  #lines = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: SharedLog, options: JournalOptions) {
    this.#log = log;
    this.#options = options;
    this.#folders = options.folders;
    this.#state = new LabelState(options.folders);
  }

  /** What all acts come to. Changes with each of them. */
  get state(): LabelState {
    return this.#state;
  }

  /** The act that `undo` would undo; undefined for none. */
  get toUndo(): JournalRecord | undefined {
    return this.#done.at(-1);
  }

  get toRedo(): JournalRecord | undefined {
    return this.#undone.at(-1);
  }

  /** Reads what others have added; true if that was something. At first it reads everything. */
  refresh(): Promise<boolean> {
    return this.#inTurn(() => this.#read());
  }

  /** Adds an act, and resolves to its record when it is on the disk. `make` gets the state after everybody's acts; undefined does nothing. */
  add(make: (state: LabelState) => Said | undefined): Promise<JournalRecord | undefined> {
    return this.#inTurn(async () => {
      await this.#read();
      const does = make(this.#state);
      return does && this.#append(does);
    });
  }

  /** Undoes the last act, whoever did it, and resolves to it; undefined if there is none. */
  undo(): Promise<JournalRecord | undefined> {
    return this.#turnBack("undo", () => this.toUndo);
  }

  redo(): Promise<JournalRecord | undefined> {
    return this.#turnBack("redo", () => this.toRedo);
  }

  /** Counts folders that are new as those of classes. */
  addFolders(names: readonly string[]): void {
    const fresh = [...new Set(names)].filter((name) => !this.#folders.includes(name));
    if (fresh.length === 0) return;
    this.#folders = [...this.#folders, ...fresh];
    this.#replay();
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#log.close());
  }

  #turnBack(act: "undo" | "redo", which: () => JournalRecord | undefined): Promise<JournalRecord | undefined> {
    return this.#inTurn(async () => {
      await this.#read();
      const target = which();
      if (target) await this.#append({ act, of: target.id });
      return target;
    });
  }

  async #append(does: Said): Promise<JournalRecord> {
    const record = { id: this.#options.newId(), at: this.#options.now(), does };
    await this.#log.append(lineOf(record));
    // Others may have added lines before this one: the log has the order.
    await this.#read();
    return record;
  }

  async #read(): Promise<boolean> {
    const lines = await this.#log.read();
    const refused: string[] = [];
    let replays = false;
    for (const line of lines) {
      this.#lines++;
      const record = readLine(line, (reason) => refused.push(`line ${this.#lines} (${reason})`));
      if (!record || this.#known.has(record.id)) continue;
      this.#known.add(record.id);
      this.#records.push(record);
      replays = this.#take(record) || replays;
    }
    if (replays) this.#replay();
    if (refused.length > 0) this.#warn(refused);
    return lines.length > 0;
  }

  /** Takes a record into account; true if the state has to be made anew. */
  #take(record: JournalRecord): boolean {
    const { does } = record;
    if (does.act === "undo" || does.act === "redo") {
      const [from, to] = does.act === "undo" ? [this.#done, this.#undone] : [this.#undone, this.#done];
      const at = from.findLastIndex(({ id }) => id === does.of);
      // Two tabs may undo one act at once.
      if (at < 0) return false;
      to.push(...from.splice(at, 1));
      return true;
    }
    if (!NOT_UNDONE.has(does.act)) {
      this.#done.push(record);
      this.#undone = [];
    }
    this.#state.apply(does);
    return false;
  }

  #replay(): void {
    const done = new Set(this.#done);
    this.#state = new LabelState(this.#folders);
    for (const record of this.#records) if (done.has(record) || record.does.act === "moved") this.#state.apply(record.does);
  }

  #warn(refused: readonly string[]): void {
    const [named, more] = [refused.slice(0, MOST_NAMED), refused.length - MOST_NAMED];
    this.#options.onWarning?.({
      message: `${this.#log.place} has ${refused.length === 1 ? "a line that is" : "lines that are"} no act and passed by: ${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`,
      hint: "A line that was cut short is what a program leaves that was killed while it wrote; all other acts count.",
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function readLine(line: Uint8Array, refuse: (reason: string) => void): JournalRecord | undefined {
  try {
    return recordOf(line);
  } catch (error) {
    refuse((error as Error).message.replaceAll(UNPRINTABLE, "?"));
    return undefined;
  }
}
