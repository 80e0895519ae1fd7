// The requests to a bucket that thaw makes, each tried again while the store is busy or the connection fails.

import { byteSize } from "../../byte-size.ts";
import { UnavailableError, UsageError } from "../../errors.ts";
import { type Retries, withRetries } from "../../retries.node.ts";
import type { StoreEntry } from "../store.ts";
import { s3Address } from "./address.ts";
import { s3Client } from "./client.node.ts";
import { type Asked, nameOf, s3Error, statusOf } from "./errors.node.ts";

/** Milliseconds in which something of a value must arrive. */
const STALL = 30_000;
/** Pages without a name, one after another, that a listing may have. */
const MOST_EMPTY = 200;

type Client = Awaited<ReturnType<typeof s3Client>>;

export interface Range {
  readonly start: number;
  readonly length: number;
}

export class Bucket {
  readonly name: string;
  readonly #retries: Retries;

  /** `retries` are by default those that AWS_MAX_ATTEMPTS, which AWS's own programs know too, asks for. */
  constructor(name: string, retries?: Retries) {
    this.name = name;
    const attempts = Number(process.env.AWS_MAX_ATTEMPTS);
    this.#retries = retries ?? (attempts >= 1 ? { attempts } : {});
  }

  /** The value of `key`, or a part of it; undefined if there is none. Throws a UsageError, also for more than `most` bytes. */
  get(key: string, { range, most = Number.MAX_SAFE_INTEGER }: { range?: Range; most?: number } = {}): Promise<Uint8Array | undefined> {
    const asked = this.#asked("read", key, "s3:GetObject");
    return this.#ask(asked, async ({ s3, commands }) => {
      const Range = range && `bytes=${range.start}-${range.start + range.length - 1}`;
      try {
        const { Body, ContentLength } = await s3.send(new commands.GetObjectCommand({ Bucket: this.name, Key: key, Range }));
        const tooLong = (length: number) =>
          new UsageError(`${s3Address({ bucket: this.name, prefix: key })} has ${byteSize(length)}, where ${byteSize(most)} are the most`);
        const body = Body as unknown as AsyncIterable<Uint8Array> & { destroy(error?: Error): void };
        if (ContentLength !== undefined && ContentLength > most) {
          body.destroy();
          throw tooLong(ContentLength);
        }
        const bytes = await collect(body, ContentLength, most, tooLong);
        // A server that knows no ranges sends all of it.
        return range && bytes.length > range.length ? bytes.slice(range.start, range.start + range.length) : bytes;
      } catch (error) {
        if (statusOf(error) === 404 && nameOf(error) !== "NoSuchBucket") return undefined;
        if (range && statusOf(error) === 416) return new Uint8Array(0);
        throw error;
      }
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#ask(this.#asked("write", key, "s3:PutObject"), ({ s3, commands }) =>
      s3.send(new commands.PutObjectCommand({ Bucket: this.name, Key: key, Body: bytes })),
    );
  }

  /** Writes a value if there is none; false if there is. */
  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    const created = await this.#ask(this.#asked("create", key, "s3:PutObject"), async ({ s3, commands }, before) => {
      try {
        await s3.send(new commands.PutObjectCommand({ Bucket: this.name, Key: key, Body: bytes, IfNoneMatch: "*" }));
        return true;
      } catch (error) {
        if (statusOf(error) !== 412) throw error;
        return before === 0 ? false : undefined;
      }
    });
    if (created !== undefined) return created;
    // An attempt whose answer was lost may have written it.
    const there = await this.get(key);
    return there !== undefined && Buffer.compare(there, bytes) === 0;
  }

  /** Size and date of a value; undefined if there is none. */
  stat(key: string): Promise<Omit<StoreEntry, "key"> | undefined> {
    return this.#ask(this.#asked("read", key, "s3:GetObject"), async ({ s3, commands }) => {
      try {
        const found = await s3.send(new commands.HeadObjectCommand({ Bucket: this.name, Key: key }));
        return { bytes: found.ContentLength ?? 0, modified: wholeSeconds(found.LastModified) };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async delete(key: string): Promise<void> {
    await this.#ask(this.#asked("delete", key, "s3:DeleteObject"), async ({ s3, commands }) => {
      try {
        await s3.send(new commands.DeleteObjectCommand({ Bucket: this.name, Key: key }));
      } catch (error) {
        if (statusOf(error) !== 404 || nameOf(error) === "NoSuchBucket") throw error;
      }
    });
  }

  /** What lies in the bucket under keys that begin with `prefix`, page by page. Throws a UsageError, also for a listing that leads nowhere. */
  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<readonly StoreEntry[], void, undefined> {
    const asked = this.#asked("list", prefix, "s3:ListBucket");
    let token: string | undefined;
    for (let empty = 0; ; ) {
      const page = await this.#ask(
        asked,
        ({ s3, commands }) =>
          s3.send(
            // Keys may have characters that XML has not.
            new commands.ListObjectsV2Command({ Bucket: this.name, Prefix: prefix, ContinuationToken: token, EncodingType: "url" }),
            signal && { abortSignal: signal },
          ),
        signal,
      );
      const decode = page.EncodingType === "url" ? decodeKey : (key: string) => key;
      const found = (page.Contents ?? []).flatMap(({ Key, Size, LastModified }): StoreEntry[] => {
        const key = Key === undefined ? undefined : decode(Key);
        return key?.startsWith(prefix) ? [{ key, bytes: Size ?? 0, modified: wholeSeconds(LastModified) }] : [];
      });
      if (found.length > 0) yield found;
      if (!page.IsTruncated) return;
      empty = found.length > 0 ? 0 : empty + 1;
      const next = page.NextContinuationToken;
      if (next === undefined || next === token || empty > MOST_EMPTY)
        throw new UsageError(`Cannot ${asked.what}: the server's listing does not end`, "Use another server, or a list of names.");
      token = next;
    }
  }

  /** Throws what a request to the bucket throws, if any would: a UsageError for one that is not there or may not be listed. */
  async check(): Promise<void> {
    await this.#ask(this.#asked("list", "", "s3:ListBucket"), async ({ s3, commands }) => {
      try {
        await s3.send(new commands.ListObjectsV2Command({ Bucket: this.name, MaxKeys: 1 }));
      } catch (error) {
        // What may be read need not be listed.
        if (nameOf(error) !== "AccessDenied") throw error;
      }
    });
  }

  #asked(verb: string, key: string, action: string): Asked {
    return { what: `${verb} ${s3Address({ bucket: this.name, prefix: key })}`, bucket: this.name, action };
  }

  #ask<Result>(asked: Asked, work: (client: Client, before: number) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return withRetries(
      async (before) => {
        try {
          return await work(await s3Client(), before);
        } catch (error) {
          throw s3Error(error, asked);
        }
      },
      this.#retries,
      signal,
    );
  }
}

/** A date in milliseconds since 1970, as precise as the header of a value; listings tell more. */
function wholeSeconds(date: Date | undefined): number {
  return 1000 * Math.floor((date?.getTime() ?? 0) / 1000);
}

/** Undoes what EncodingType "url" does. */
function decodeKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    // No UTF-8: no request leads to it.
    return undefined;
  }
}

async function collect(
  body: AsyncIterable<Uint8Array> & { destroy(error?: Error): void },
  length: number | undefined,
  most: number,
  tooLong: (length: number) => Error,
): Promise<Uint8Array> {
  const stalled = () => body.destroy(Object.assign(new Error("nothing arrived for 30 seconds"), { code: "ETIMEDOUT" }));
  let timer = setTimeout(stalled, STALL);
  try {
    const parts: Uint8Array[] = [];
    let done = 0;
    for await (const part of body) {
      clearTimeout(timer);
      timer = setTimeout(stalled, STALL);
      done += part.length;
      if (done > most) throw tooLong(done);
      parts.push(part);
    }
    if (length !== undefined && done !== length) throw new UnavailableError(`The connection ended after ${done} of ${length} bytes`);
    return parts.length === 1 ? new Uint8Array(parts[0] as Uint8Array) : Buffer.concat(parts, done);
  } finally {
    clearTimeout(timer);
  }
}
