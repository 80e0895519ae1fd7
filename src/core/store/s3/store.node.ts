// A store in a bucket of S3, or of a server that speaks its protocol: each key is that of an object below a prefix.

import { UsageError } from "../../errors.ts";
import type { Retries } from "../../retries.node.ts";
import { replaceEach } from "../replace-each.ts";
import { type Content, checkKey, checkPrefix, isKey, type Store, type StoreEntry } from "../store.ts";
import { parseS3Address, s3Address } from "./address.ts";
import { Bucket } from "./bucket.node.ts";

/** What one list in memory may hold. */
const MOST_LISTED = 10_000_000;

/**
 * The store at `address`, s3://bucket/prefix; nothing is asked for before it is used. Needs conditional writes (If-None-Match). Its `replace`
 * exchanges value after value, as `within` does. Throws a UsageError for what is no address.
 */
export function s3Store(address: string, retries?: Retries): Store {
  const { bucket: name, prefix } = parseS3Address(address);
  const bucket = new Bucket(name, retries);
  const above = prefix === "" ? "" : `${prefix}/`;
  const inside = (key: string): string => {
    checkKey(key);
    return above + key;
  };
  const store: Store = {
    locate: (key) => s3Address({ bucket: name, prefix: key === undefined ? prefix : above + key }),
    get: async (key) => bucket.get(inside(key)),
    // A range of no bytes cannot be asked for.
    getRange: async (key, start, length) =>
      length > 0 ? bucket.get(inside(key), { range: { start, length } }) : (await bucket.stat(inside(key))) && new Uint8Array(0),
    put: async (key, content) => bucket.put(inside(key), bytesOf(content)),
    create: async (key, content) => bucket.create(inside(key), bytesOf(content)),
    replace: async (contents) => replaceEach(store, contents),
    async stat(key) {
      const found = await bucket.stat(inside(key));
      return found && { key, ...found };
    },
    async list(within) {
      checkPrefix(within);
      const entries: StoreEntry[] = [];
      for await (const page of bucket.list(above + within)) {
        for (const { key, ...rest } of page) {
          const own = key.slice(above.length);
          // Others have put what cannot be a value: markers of folders, for example.
          if (isKey(own)) entries.push({ key: own, ...rest });
        }
        if (entries.length > MOST_LISTED)
          throw new UsageError(`There are more than ${MOST_LISTED} values in ${store.locate()}`, "Choose another prefix.");
      }
      return entries;
    },
    delete: async (key) => bucket.delete(inside(key)),
  };
  return store;
}

function bytesOf(content: Content): Uint8Array {
  if (content instanceof Uint8Array) return content;
  if (typeof content === "string") return Buffer.from(content, "utf8");
  return Buffer.concat(Array.from(content, (piece) => Buffer.from(piece, "utf8")));
}
