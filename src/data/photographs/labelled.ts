// Photographs with labels that lie in no folder: blobs, frames of a camera among them, and addresses.

import { expected, UsageError } from "../../core/errors.ts";
import { fetchBytes } from "../../core/fetch-bytes.ts";
import type { WorkOptions } from "../../core/progress.ts";
import type { Part } from "../dataset/dataset.ts";
import { ImageError } from "../decode/image.ts";
import type { FileTree } from "../files/file-tree.ts";
import { isHidden } from "../files/hidden.ts";
import { namedTree, type RemoteFile } from "../files/named-tree.ts";
import { readManifest } from "./manifest.ts";

interface Labelled {
  /** The name of its class. */
  readonly label: string;
  /** Default "train"; without photographs of "valid" a part of the training photographs is held out. */
  readonly part?: Part | undefined;
}

/** A photograph as a file's bytes. */
export interface LabelledBlob extends Labelled {
  readonly photo: Blob;
  /** Its name in results, which keeps its augmentation the same; default its number within its class. */
  readonly name?: string | undefined;
}

/** A photograph at an address, absolute or relative to the page. */
export interface LabelledAddress extends Labelled {
  readonly address: string;
}

/** What photographs at addresses may cost. */
export interface AddressOptions extends Pick<WorkOptions, "signal"> {
  /** The most bytes of a photograph; default 50 million. */
  most?: number;
  /** Milliseconds in which something must arrive, or the photograph counts as unreadable; default 30,000. */
  stall?: number;
}

const [MOST, STALL] = [50_000_000, 30_000];
const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/jpeg": ".jpg",
  "image/png": ".png",
  "image/webp": ".webp",
  "image/gif": ".gif",
  "image/avif": ".avif",
  "image/bmp": ".bmp",
};

/**
 * Photographs with their labels: a list, or blobs by class. They are read when they are needed. Throws a UsageError for a label that cannot be
 * the name of a class.
 */
export function photosFromBlobs(photos: Iterable<LabelledBlob> | Readonly<Record<string, Iterable<Blob>>>): FileTree {
  const list = isIterable(photos) ? photos : byClass(photos);
  return labelledTree("the photographs", list, ({ photo, name }, index) => {
    const own = name ?? ("name" in photo ? `${index}-${fileName(photo.name as string)}` : `${index}${EXTENSIONS[photo.type] ?? ""}`);
    return [fileName(own), photo];
  });
}

/**
 * Photographs at addresses with their labels. Each is fetched when it is needed, through the browser's cache of files; its server must let the
 * page read it (CORS).
 */
export function photosFromAddresses(photos: Iterable<LabelledAddress>, options: AddressOptions = {}): FileTree {
  return labelledTree("the addresses", photos, ({ address }, index) => [
    `${index}-${fileName(address.replace(/[?#].*$/s, ""))}`,
    remote(address, options),
  ]);
}

/**
 * The photographs that a manifest at `address` names: JSON, either a list of { "address", "label", "part" } or an object of lists of addresses
 * by class, or a table (CSV) with these columns. Its addresses are relative to its own. Throws a UsageError for a manifest that is none.
 */
export async function photosFromManifest(address: string, options: AddressOptions = {}): Promise<FileTree> {
  return photosFromAddresses(await readManifest(address, options), options);
}

function remote(address: string, { most = MOST, stall = STALL, signal }: AddressOptions): RemoteFile {
  return {
    async read() {
      try {
        return await fetchBytes(address, { most, stall, signal, again: true });
      } catch (error) {
        signal?.throwIfAborted();
        throw new ImageError(error instanceof UsageError ? error.message : String(error), { cause: error });
      }
    },
  };
}

/** The tree of photographs in <part>/<label>/<name>, of which `fileOf` gives name and content from the photograph's number within its class. */
function labelledTree<Photo extends Labelled>(
  path: string,
  photos: Iterable<Photo>,
  fileOf: (photo: Photo, index: string) => readonly [name: string, file: Blob | RemoteFile],
): FileTree {
  const files = new Map<string, Blob | RemoteFile>();
  const counts = new Map<string, number>();
  for (const photo of photos) {
    const { label, part = "train" } = photo;
    checkLabel(label);
    const folder = `${part}/${label}`;
    const count = (counts.get(folder) ?? 0) + 1;
    counts.set(folder, count);
    const [name, file] = fileOf(photo, `${count}`.padStart(4, "0"));
    if (files.has(`${folder}/${name}`))
      throw new UsageError(`Two photographs of "${label}" are called ${name}`, "Give each a name of its own, or none.");
    files.set(`${folder}/${name}`, file);
  }
  return namedTree(path, async () => files);
}

function checkLabel(label: string): void {
  if (typeof label !== "string" || label === "" || label.includes("/") || label.includes("\0") || isHidden(label))
    throw expected("a name without slashes that does not begin with a dot", "the label of a photograph", label);
}

/** The last name of a path, as the name of a file that is not passed by. */
function fileName(path: string): string {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return last === "" || isHidden(last) ? `photo${last}` : last;
}

function* byClass(photos: Readonly<Record<string, Iterable<Blob>>>): Generator<LabelledBlob> {
  for (const [label, blobs] of Object.entries(photos)) for (const photo of blobs) yield { label, photo };
}

function isIterable(photos: object): photos is Iterable<LabelledBlob> {
  return Symbol.iterator in photos;
}
