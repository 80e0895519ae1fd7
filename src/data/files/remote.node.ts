// Photographs that are named by addresses: in an object store (s3://), or on a web server.

import { UnavailableError, UsageError } from "../../core/errors.ts";
import { fetchBytes } from "../../core/fetch-bytes.ts";
import { withRetries } from "../../core/retries.node.ts";
import { isS3Address, parseS3Address, s3Address } from "../../core/store/s3/address.ts";
import { Bucket } from "../../core/store/s3/bucket.node.ts";
import type { Item } from "../dataset/items.ts";
import { ImageError } from "../decode/image.ts";

/** The most bytes of a photograph, and the most milliseconds that a web server may take for it. */
const [MOST_BYTES, MOST_TIME] = [256_000_000, 300_000];

/** Whether `name` is an address rather than a path. */
export function isRemote(name: string): boolean {
  return isS3Address(name) || isWebAddress(name);
}

function isWebAddress(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** The file `name`, a path or an address, as what predicts and loads takes it. */
export function fileAt(name: string): Pick<Item, "file" | "read"> {
  return isRemote(name) ? { file: name, read: () => (isS3Address(name) ? readAddress(name) : readWeb(name)) } : { file: name };
}

const buckets = new Map<string, Bucket>();

async function readAddress(address: string): Promise<Uint8Array> {
  let place: ReturnType<typeof parseS3Address>;
  try {
    place = parseS3Address(address);
  } catch (cause) {
    throw new ImageError("not an address of a photograph", { cause });
  }
  const { bucket: name, prefix: key } = place;
  let bucket = buckets.get(name);
  if (!bucket) {
    bucket = new Bucket(name);
    buckets.set(name, bucket);
  }
  return readObject(bucket, key);
}

/**
 * The photograph under `key`, or its beginning. Throws ImageError if it cannot be had, and what the store says if it could not give any other
 * either.
 */
export async function readObject(bucket: Bucket, key: string, beginning?: number): Promise<Uint8Array> {
  const options = { most: MOST_BYTES, ...(beginning !== undefined && { range: { start: 0, length: beginning } }) };
  try {
    const found = await bucket.get(key, options);
    if (found) return found;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    await bucket.check();
    throw new ImageError(reasonIn(error, `Cannot read ${s3Address({ bucket: bucket.name, prefix: key })}: `), { cause: error });
  }
  throw new ImageError("file not found");
}

async function readWeb(address: string): Promise<Uint8Array> {
  try {
    return await withRetries(
      () => {
        const signal = AbortSignal.timeout(MOST_TIME);
        return fetchBytes(address, { most: MOST_BYTES, signal }).catch((error: unknown) => {
          throw signal.aborted ? new UnavailableError(`Cannot get ${address}: it took longer than ${MOST_TIME / 60_000} minutes`) : error;
        });
      },
      // Each may be on a server of its own, which may be gone for good.
      { attempts: 5 },
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ImageError(reasonIn(error, `Cannot get ${address}: `), { cause: error });
  }
}

/** What a message says after `before`: the name of the file stands beside it already. */
function reasonIn({ message }: Error, before: string): string {
  return message.startsWith(before) ? message.slice(before.length) : message;
}
