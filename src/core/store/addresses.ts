// What lies on a web server, to read: each key is an address below the store's own.

import { checkKey, type StoreReader } from "./store.ts";

/** Status of an answer with a range of a value, and of one that says that the value ends before it. */
const [PART, BEYOND] = [206, 416];

/** The reader of what lies below `address`, which in a page may be relative. */
export function addressReader(address: string): StoreReader {
  const base = address.replace(/\/+$/, "");
  const locate = (key?: string): string => (key === undefined ? address : `${base}/${key}`);
  const request = async (key: string, headers: Readonly<Record<string, string>> = {}): Promise<Response | undefined> => {
    checkKey(key);
    const response = await fetch(locate(key), { headers });
    if (response.status === 404) return undefined;
    if (!response.ok && response.status !== BEYOND) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
    return response;
  };
  return {
    locate,
    async get(key) {
      const response = await request(key);
      return response && new Uint8Array(await response.arrayBuffer());
    },
    async getRange(key, start, length) {
      // Ranges of no bytes cannot be asked for.
      if (length === 0) return (await request(key)) && new Uint8Array(0);
      const response = await request(key, { Range: `bytes=${start}-${start + length - 1}` });
      if (!response) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      // A server that does not know ranges sends the whole.
      return response.status === PART ? bytes : response.status === BEYOND ? new Uint8Array(0) : bytes.subarray(start, start + length);
    },
  };
}
