// The photographs below an address of an object store.

import { parseS3Address, s3Address } from "../../core/store/s3/address.ts";
import { Bucket } from "../../core/store/s3/bucket.node.ts";
import { isKey } from "../../core/store/store.ts";
import type { FileStatus, FileTree } from "./file-tree.ts";
import { namedTree, type RemoteFile } from "./named-tree.ts";
import { readObject } from "./remote.node.ts";

/** Enough to recognise what a file is. */
const START = 1024;

/** A file below an address. */
export interface ListedObject {
  /** From the address on. */
  readonly name: string;
  readonly file: RemoteFile;
}

/** The tree of the files at `address`, whose names are listed when they are first needed. Throws a UsageError for what is no address. */
export function s3Tree(address: string): FileTree {
  return namedTree(s3Address(parseS3Address(address)), async () => {
    const files = new Map<string, RemoteFile>();
    for await (const { name, file } of objectsBelow(address)) files.set(name, file);
    return files;
  });
}

/** The files at `address`, as the store lists them, page by page. Keys that no file of a folder could have are passed by. */
export async function* objectsBelow(address: string, signal?: AbortSignal): AsyncGenerator<ListedObject, void, undefined> {
  const { bucket: name, prefix } = parseS3Address(address);
  const bucket = new Bucket(name);
  const above = prefix === "" ? "" : `${prefix}/`;
  for await (const page of bucket.list(above, signal))
    for (const { key, ...status } of page) {
      const own = key.slice(above.length);
      if (isKey(own)) yield { name: own, file: new ObjectFile(bucket, key, status) };
    }
}

/** There may be millions, so each is small. */
class ObjectFile implements RemoteFile {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly status: FileStatus;

  constructor(bucket: Bucket, key: string, status: FileStatus) {
    this.#bucket = bucket;
    this.#key = key;
    this.status = status;
  }

  read(): Promise<Uint8Array> {
    return readObject(this.#bucket, this.#key);
  }

  start(): Promise<Uint8Array> {
    return readObject(this.#bucket, this.#key, START);
  }
}
