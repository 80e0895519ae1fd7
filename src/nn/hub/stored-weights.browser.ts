// Weights in the browser's storage: each file is downloaded once, and its SHA-256 is checked at every use, against what is known of it and
// against the first download.

import { storage } from "#storage";
import { UsageError } from "../../core/errors.ts";
import { fetchBytes } from "../../core/fetch-bytes.ts";
import type { FindWeightsOptions } from "./weights.ts";

export interface RemoteWeights {
  /** What messages call the file. */
  readonly name: string;
  readonly address: string;
  /** Where it is stored, below the folder of weights. */
  readonly key: string;
  /** Its SHA-256 in hex, if it is known. */
  readonly sha256?: string | undefined;
  /** The SHA-256 that its server promises, if it promises one: asked before a download. */
  readonly promised?: () => Promise<string | undefined>;
}

/** The folder of weights in the browser's storage. */
const FOLDER = ".weights";
/** The most bytes of a file: a browser's arrays can have hardly more. */
const LARGEST = 2e9;
const MEGABYTE = 1e6;

/** The content of a file of weights and its path in the storage. Where that is full, a warning says so, and the file is used all the same. */
export async function storedWeights(
  { name, address, key, sha256, promised }: RemoteWeights,
  { offline = false, onProgress, onWarning, signal }: FindWeightsOptions,
): Promise<{ readonly path: string; readonly bytes: Uint8Array }> {
  const store = storage.open(FOLDER);
  const path = store.locate(key);
  const record = `${key}.sha256`;
  const first = textOf(await store.get(record));
  const expected = sha256 ?? first;
  const stored = expected === undefined ? undefined : await store.get(key);
  if (stored && (await storage.hash(stored)) === expected) return { path, bytes: stored };
  if (offline)
    throw new UsageError(
      `The weights ${name} are not in the browser's storage, and downloads are disabled`,
      "Load them once without offline, or give the address of a safetensors file.",
    );
  const promise = await promised?.();
  const megabytes = (bytes: number): number => Math.round(bytes / MEGABYTE);
  const bytes = await fetchBytes(address, {
    most: LARGEST,
    signal,
    onBytes: (done, total) =>
      onProgress?.({ task: `Downloading ${name}`, done: megabytes(done), total: megabytes(total ?? 0), unit: "MB" }),
  });
  const hash = await storage.hash(bytes);
  const right = [sha256, first, promise].find((each) => each !== undefined && each !== hash);
  if (right !== undefined)
    throw new UsageError(
      `${name} has the SHA-256 ${hash} where ${right} was expected`,
      right === first && sha256 === undefined
        ? `It is not what was downloaded first. If you know that the change is legitimate, delete ${store.locate(record)} in the browser's storage.`
        : "It was damaged on the way, or is another file: check the address, and try again.",
    );
  try {
    await store.put(key, bytes);
    await store.put(record, hash);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    onWarning?.({
      message: `${name} could not be stored, and is downloaded again next time: ${error.message}`,
      ...(error.hint && { hint: error.hint }),
    });
  }
  return { path, bytes };
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  const text = bytes && new TextDecoder().decode(bytes);
  return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}
