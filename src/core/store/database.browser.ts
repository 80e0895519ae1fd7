// The store in a browser: IndexedDB, whose transactions are whole or not at all, also for several tabs at once. Measured against files of the
// origin's own and the Cache API, it was the fastest to write and to list (bench/results/browser-storage.md), and pages and workers have it.

import { byteSize } from "../byte-size.ts";
import { UsageError } from "../errors.ts";
import { type Content, checkKey, checkPrefix, type Store, type StoreEntry } from "./store.ts";

// thaw is compiled without the DOM's types, which would let any file use them; these are the parts that are needed here.
interface Request<Result> {
  readonly result: Result;
  readonly error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
  onblocked: (() => void) | null;
}
interface Database {
  createObjectStore(name: string): unknown;
  transaction(names: readonly string[], mode: "readonly" | "readwrite"): Transaction;
  close(): void;
  onversionchange: (() => void) | null;
  onclose: (() => void) | null;
}
interface Transaction {
  objectStore(name: string): Table;
  abort(): void;
  readonly error: Error | null;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}
interface Table {
  get(path: string): Request<unknown>;
  getAll(range: unknown): Request<unknown[]>;
  put(value: unknown, path: string): unknown;
  delete(pathOrRange: unknown): unknown;
}
interface Platform {
  readonly indexedDB?: { open(name: string, version: number): OpenRequest };
  readonly IDBKeyRange: { bound(lower: string, upper: string): unknown };
  readonly navigator: { readonly storage?: { estimate(): Promise<{ readonly quota?: number; readonly usage?: number }> } };
}

/** The tables, by path: the values, and their sizes and dates, which are listed without them. */
const [VALUES, ENTRIES] = ["values", "entries"];
const TABLES = [VALUES, ENTRIES] as const;
/** Longer values are stored as files, of which a part can be read. */
const SHORT = 65_536;

/**
 * How often a value is looked for if its file cannot be read, and milliseconds in between, which grow: it may be replaced while it is read, or the
 * browser may still be clearing up after a tab that crashed.
 */
const [TRIES, PAUSE] = [5, 50];

type Value = Uint8Array | Blob;

interface Entry extends StoreEntry {
  /** The folders and the name, joined by slashes. */
  readonly key: string;
}

/** The store in `folder` of the database `name`: a path of names joined by slashes, relative to the top; what it holds is there on the next visit. */
export function databaseStore(folder: string, name = "thaw"): Store {
  const top = folderPrefix(folder);
  const locate = (key?: string): string => (key === undefined ? top.slice(0, -1) : `${top}${key}`);
  const pathOf = (key: string): string => {
    checkKey(key);
    return locate(key);
  };
  const entryOf = ({ key, bytes, modified }: Entry): StoreEntry => ({ key: key.slice(top.length), bytes, modified });
  const read = async <Result>(place: string, work: (tables: Tables) => Request<Result>): Promise<Result> => {
    const found = await transact(name, "readonly", work).catch((error: unknown) => {
      throw readFailure(error, place);
    });
    return found.result;
  };
  const write = async <Result>(place: string, work: (tables: Tables) => Result): Promise<Result> =>
    transact(name, "readwrite", work).catch(async (error: unknown) => {
      throw await writeFailure(error, place);
    });
  const bytesOf = async (key: string, part = (value: Value): Value => value): Promise<Uint8Array | undefined> => {
    const path = pathOf(key);
    for (let tries = 1; ; tries++) {
      const value = await read(path, ({ values }) => values.get(path) as Request<Value | undefined>);
      try {
        return value && (await bytesIn(part(value)));
      } catch (error) {
        if (tries === TRIES) throw readFailure(error, path);
        await new Promise<void>((resolve) => setTimeout(resolve, tries * PAUSE));
      }
    }
  };
  return {
    locate,
    get: (key) => bytesOf(key),
    getRange: (key, start, length) => bytesOf(key, (value) => value.slice(start, start + length)),
    async put(key, content) {
      const path = pathOf(key);
      const value = await valueFrom(content);
      await write(path, (tables) => putIn(tables, path, value));
    },
    async create(key, content) {
      const path = pathOf(key);
      const value = await valueFrom(content);
      const made = await write(path, (tables) => {
        const outcome = { isNew: false };
        const request = tables.entries.get(path);
        request.onsuccess = () => {
          outcome.isNew = request.result === undefined;
          if (outcome.isNew) putIn(tables, path, value);
        };
        return outcome;
      });
      return made.isNew;
    },
    async replace(contents) {
      const values: (readonly [string, Value])[] = [];
      for (const [key, content] of contents) values.push([pathOf(key), await valueFrom(content)]);
      await write(locate(), (tables) => {
        for (const table of [tables.values, tables.entries]) table.delete(pathsFrom(top));
        for (const [path, value] of values) putIn(tables, path, value);
      });
    },
    async stat(key) {
      const path = pathOf(key);
      const entry = await read(path, ({ entries }) => entries.get(path) as Request<Entry | undefined>);
      return entry && entryOf(entry);
    },
    async list(prefix) {
      checkPrefix(prefix);
      const entries = await read(locate(), ({ entries }) => entries.getAll(pathsFrom(top + prefix)) as Request<Entry[]>);
      return entries.map(entryOf);
    },
    async delete(key) {
      const path = pathOf(key);
      await write(path, ({ values, entries }) => {
        for (const table of [values, entries]) table.delete(path);
      });
    },
    // Not on the disk: Chromium says 10 GiB, so that pages cannot tell disks apart.
    async freeSpace() {
      const { quota, usage } = await estimate();
      return quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage);
    },
  };
}

/** What the paths in `folder` begin with: its names with a slash after each; "" for the top. Throws a UsageError for a path out of the storage. */
function folderPrefix(folder: string): string {
  const names: string[] = [];
  for (const part of folder.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") names.push(part);
    else if (names.pop() === undefined)
      throw new UsageError(`The folder ${folder} leads out of the browser's storage`, 'Name a folder in it, such as "models/pets".');
  }
  const path = names.join("/");
  if (path !== "") checkKey(path);
  return path === "" ? "" : `${path}/`;
}

/** The range of the paths that begin with `prefix`. */
function pathsFrom(prefix: string): unknown {
  return platform().IDBKeyRange.bound(prefix, `${prefix}\uffff\uffff`);
}

function platform(): Platform {
  return globalThis as unknown as Platform;
}

/** What is stored for `content`: a copy of it. */
async function valueFrom(content: Content): Promise<Value> {
  if (content instanceof Uint8Array) {
    if (content.length < SHORT) return content.slice();
    // A blob cannot be made of memory that threads share.
    return new Blob([(content.buffer instanceof ArrayBuffer ? content : content.slice()) as Uint8Array<ArrayBuffer>]);
  }
  const blob = new Blob(typeof content === "string" ? [content] : [...content]);
  return blob.size < SHORT ? new Uint8Array(await blob.arrayBuffer()) : blob;
}

async function bytesIn(value: Value): Promise<Uint8Array> {
  return value instanceof Uint8Array ? value : new Uint8Array(await value.arrayBuffer());
}

interface Tables {
  readonly values: Table;
  readonly entries: Table;
}

function putIn({ values, entries }: Tables, path: string, value: Value): void {
  const bytes = value instanceof Uint8Array ? value.length : value.size;
  const entry: Entry = { key: path, bytes, modified: Math.round(performance.timeOrigin + performance.now()) };
  values.put(value, path);
  entries.put(entry, path);
}

/** Runs `work`, which begins requests without waiting for any, as one transaction; resolves when that is complete. */
async function transact<Result>(name: string, mode: "readonly" | "readwrite", work: (tables: Tables) => Result): Promise<Result> {
  const transaction = await begin(name, mode);
  return new Promise((resolve, reject) => {
    const [values, entries] = TABLES.map((table) => transaction.objectStore(table)) as [Table, Table];
    let failure: unknown;
    transaction.onabort = () => reject(failure ?? transaction.error ?? new Error("The transaction was aborted"));
    try {
      const result = work({ values, entries });
      transaction.oncomplete = () => resolve(result);
    } catch (error) {
      failure = error;
      transaction.abort();
    }
  });
}

async function begin(name: string, mode: "readonly" | "readwrite"): Promise<Transaction> {
  const database = await opened(name);
  try {
    return database.transaction(TABLES, mode);
  } catch {
    // The browser has closed it, for example because its data was deleted.
    databases.delete(name);
    return (await opened(name)).transaction(TABLES, mode);
  }
}

const databases = new Map<string, Promise<Database>>();

function opened(name: string): Promise<Database> {
  const found = databases.get(name) ?? open(name);
  databases.set(name, found);
  found.catch(() => databases.delete(name));
  return found;
}

function open(name: string): Promise<Database> {
  return new Promise((resolve, reject) => {
    const { indexedDB } = platform();
    if (!indexedDB) throw new Error("There is no IndexedDB");
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const table of TABLES) request.result.createObjectStore(table);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      // Another tab would wait for this one if it wanted to delete the database or to change its tables.
      database.onversionchange = () => {
        database.close();
        databases.delete(name);
      };
      database.onclose = () => databases.delete(name);
      resolve(database);
    };
  });
}

async function estimate(): Promise<{ readonly quota?: number; readonly usage?: number }> {
  return (
    (await platform()
      .navigator.storage?.estimate()
      .catch(() => undefined)) ?? {}
  );
}

function readFailure(error: unknown, place: string): unknown {
  if (error instanceof UsageError) return error;
  return new UsageError(
    `Cannot read ${place} in the browser's storage: ${reasonOf(error)}`,
    "Load the page again; if it was opened in a private window, use an ordinary one.",
    { cause: error },
  );
}

async function writeFailure(error: unknown, place: string): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  if (error.name === "QuotaExceededError") {
    const { usage } = await estimate();
    const figures = usage === undefined ? "" : `; it holds ${byteSize(usage)}`;
    return new UsageError(
      `Cannot write ${place}: the browser's storage for this page is full${figures}`,
      "Delete models or caches that are no longer needed, free space on the disk, or let the page ask for more (navigator.storage.persist).",
      { cause: error },
    );
  }
  return new UsageError(
    `Cannot write ${place} in the browser's storage: ${reasonOf(error)}`,
    "Allow the page to store data (cookies and site data), and leave private windows.",
    { cause: error },
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
