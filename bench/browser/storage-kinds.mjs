// The kinds of storage that a browser has, with what they take for the work that thaw does: run in a page and in a worker.

const [CHUNK, CHUNKS, SMALL, SMALLS] = [2 ** 20, 48, 300, 400];
const RANGES = 400;

/** What is measured, in the order of the table's columns. */
export const TASKS = [
  { key: "write", title: "writing 1 MiB, MB/s", digits: 0 },
  { key: "read", title: "reading 1 MiB, MB/s", digits: 0 },
  { key: "range", title: "reading 4 KiB of 1 MiB, ms", digits: 2 },
  { key: "writeSmall", title: "writing 300 bytes, ms", digits: 2 },
  { key: "readSmall", title: "reading 300 bytes, ms", digits: 2 },
  { key: "list", title: "listing 400 values with sizes, ms", digits: 1 },
];

const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("bench", { create: true });

const readFiles = {
  get: async (dir, key) => new Uint8Array(await (await (await dir.getFileHandle(key)).getFile()).arrayBuffer()),
  range: async (dir, key, start, length) =>
    new Uint8Array(await (await (await dir.getFileHandle(key)).getFile()).slice(start, start + length).arrayBuffer()),
  async list(dir) {
    const files = [];
    for await (const handle of dir.values()) files.push(handle.getFile());
    return (await Promise.all(files)).map(({ name, size }) => ({ name, size }));
  },
  clear: async () => (await navigator.storage.getDirectory()).removeEntry("bench", { recursive: true }),
};

const database = (wrap, unwrap) => ({
  open: () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.open("bench", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("values");
        request.result.createObjectStore("entries", { keyPath: "key" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }),
  put: (db, key, bytes) =>
    new Promise((resolve, reject) => {
      const transaction = db.transaction(["values", "entries"], "readwrite");
      transaction.objectStore("values").put(wrap(bytes), key);
      transaction.objectStore("entries").put({ key, bytes: bytes.length, modified: Date.now() });
      transaction.oncomplete = resolve;
      transaction.onerror = () => reject(transaction.error);
    }),
  get: async (db, key) => unwrap(await found(db.transaction("values").objectStore("values").get(key))),
  range: async (db, key, start, length) => {
    const value = await found(db.transaction("values").objectStore("values").get(key));
    return value instanceof Blob
      ? new Uint8Array(await value.slice(start, start + length).arrayBuffer())
      : value.slice(start, start + length);
  },
  list: (db) => found(db.transaction("entries").objectStore("entries").getAll()),
  clear: async (db) => {
    db.close();
    await found(indexedDB.deleteDatabase("bench"));
  },
});

const found = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const KINDS = {
  files: {
    ...readFiles,
    open: folder,
    async put(dir, key, bytes) {
      const stream = await (await dir.getFileHandle(key, { create: true })).createWritable();
      await stream.write(bytes);
      await stream.close();
    },
  },
  "files, synchronous": {
    ...readFiles,
    open: folder,
    async put(dir, key, bytes) {
      const file = await dir.getFileHandle(`${key}.new`, { create: true });
      const handle = await file.createSyncAccessHandle();
      handle.write(bytes);
      handle.flush();
      handle.close();
      await file.move(key);
    },
  },
  cache: {
    open: () => caches.open("bench"),
    put: (cache, key, bytes) =>
      cache.put(
        `${location.origin}/bench/${key}`,
        new Response(bytes, { headers: { "content-length": bytes.length, date: new Date().toUTCString() } }),
      ),
    get: async (cache, key) => new Uint8Array(await (await cache.match(`${location.origin}/bench/${key}`)).arrayBuffer()),
    async range(cache, key, start, length) {
      const blob = await (await cache.match(`${location.origin}/bench/${key}`)).blob();
      return new Uint8Array(await blob.slice(start, start + length).arrayBuffer());
    },
    async list(cache) {
      const responses = await Promise.all((await cache.keys()).map((request) => cache.match(request)));
      return responses.map(({ headers }) => headers.get("content-length"));
    },
    clear: () => caches.delete("bench"),
  },
  database: database(
    (bytes) => bytes,
    (value) => value,
  ),
  "database of blobs": database(
    (bytes) => (bytes.length < 65_536 ? bytes : new Blob([bytes])),
    async (value) => (value instanceof Blob ? new Uint8Array(await value.arrayBuffer()) : value),
  ),
};

/** What one kind takes for the tasks, on storage that is empty before and after. */
export async function measure(name) {
  const kind = KINDS[name];
  const place = await kind.open();
  const chunk = new Uint8Array(CHUNK);
  for (let i = 0; i < CHUNK; i += 65_536) crypto.getRandomValues(chunk.subarray(i, i + 65_536));
  const timed = async (count, work) => {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      chunk[0] = i;
      await work(i);
    }
    return (performance.now() - start) / count;
  };
  const check = (bytes, length, first) => {
    if (bytes.length !== length || bytes[0] !== first) throw new Error(`${name} read something else`);
  };
  const rate = (milliseconds) => CHUNK / 1000 / milliseconds;
  const write = rate(await timed(CHUNKS, (i) => kind.put(place, `chunk${i}`, chunk)));
  const read = rate(await timed(CHUNKS, async (i) => check(await kind.get(place, `chunk${i}`), CHUNK, i)));
  const range = await timed(RANGES, async (i) => {
    check(await kind.range(place, `chunk${i % CHUNKS}`, 8192, 4096), 4096, chunk[8192]);
  });
  const writeSmall = await timed(SMALLS, (i) => kind.put(place, `small${i}`, chunk.slice(0, SMALL)));
  const readSmall = await timed(SMALLS, async (i) => check(await kind.get(place, `small${i}`), SMALL, i % 256));
  const list = await timed(3, async () => {
    if ((await kind.list(place)).length !== CHUNKS + SMALLS) throw new Error(`${name} lists something else`);
  });
  await kind.clear(place);
  return { write, read, range, writeSmall, readSmall, list };
}
