// The page's files get the headers that a static host does not send, so that the page may use threads, and are kept, so that it works offline.

const HEADERS = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const CACHE = `thaw ${registration.scope}`;
/** Files whose names change with their content. */
const FIXED = /\/assets\/[^/]+-[\w-]{8}\.\w+$/;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(registration.scope)) event.respondWith(answer(event));
});
// The page names the list of its files when it has nothing better to do.
addEventListener("message", (event) => event.waitUntil(keepAll(event.data)));

/** From the network, so that a new version is seen at once; what cannot have changed, or cannot be reached, as it was kept. */
async function answer(event) {
  const { request } = event;
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
  if (kept && FIXED.test(request.url)) return kept;
  try {
    const response = isolated(await fetch(request));
    // Without room nothing is kept.
    if (response.status === 200) event.waitUntil(cache.put(request, response.clone()).catch(() => undefined));
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

function isolated(response) {
  // A redirection that the browser follows by itself has no status.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  const { status, statusText } = response;
  // Some answers must not have a body.
  return new Response([204, 205, 304].includes(status) ? null : response.body, { status, statusText, headers });
}

/** Keeps the files in the list at `address`, and forgets the other ones whose names change with their content: those of older versions. */
async function keepAll(address) {
  const list = await fetch(address);
  if (!list.ok) return;
  const { own, large } = await list.json();
  const absolute = (name) => new URL(name, address).href;
  const [cache, all] = [await caches.open(CACHE), new Set([...own, ...large].map(absolute))];
  for (const { url } of await cache.keys()) if (FIXED.test(url) && !all.has(url)) await cache.delete(url);
  for (const url of own.map(absolute)) {
    if (FIXED.test(url) && (await cache.match(url))) continue;
    const response = await fetch(url);
    if (response.status === 200) await cache.put(url, isolated(response));
  }
}
