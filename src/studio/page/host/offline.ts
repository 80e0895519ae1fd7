// What a page needs on a static host: threads where the host sends no headers, and all of its files when there is no network. The worker in
// public/service-worker.js gives both.

/** Names the list of the page's own files, which the build writes. */
const FILES = "files.json";
/** Remembers within the tab, for each page of the host, that it was loaded anew, so that this happens once. */
const TRIED = "thaw-isolating";

/** Starts the service worker, and loads the page once more through it; resolves in a page that is as isolated as it gets, and that is kept. */
export async function isolate(): Promise<void> {
  const { serviceWorker } = navigator;
  // Only secure pages have it, and a browser may refuse it, or the host may not have the file.
  const registered = await serviceWorker?.register("service-worker.js").catch(() => undefined);
  if (!registered || (crossOriginIsolated && serviceWorker.controller)) return;
  const tried = `${TRIED} ${registered.scope}`;
  if (sessionStorage.getItem(tried) !== null) return;
  sessionStorage.setItem(tried, "yes");
  await serviceWorker.ready;
  location.reload();
  // What follows belongs to the page that comes.
  await new Promise(() => {});
}

/** Lets the service worker keep the page's files, also those that were not needed yet, and forgets those of older versions. */
export function keepForOffline(): void {
  const { serviceWorker } = navigator;
  if (!serviceWorker?.controller) return;
  serviceWorker.controller.postMessage(new URL(FILES, document.baseURI).href);
}
