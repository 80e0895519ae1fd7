// Reads from a web server: each key is an address below the store's own.

import { checkKey, type StoreReader } from "./store.ts";

/** Status of a response with a range of a value, and of one whose value ends before the range. */
const [PART, BEYOND] = [206, 416];

/** The reader of the files below `address`, which may be relative in a page. */
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
      // Empty ranges cannot be requested.
      if (length === 0) return (await request(key)) && new Uint8Array(0);
      const response = await request(key, { Range: `bytes=${start}-${start + length - 1}` });
      if (!response) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      // A server without support for ranges sends the whole file.
      return response.status === PART ? bytes : response.status === BEYOND ? new Uint8Array(0) : bytes.subarray(start, start + length);
    },
  };
}
