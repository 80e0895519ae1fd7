// What a page needs on a static host: threads where the host sends no headers, and all of its files when there is no network. The worker in
// public/service-worker.js gives both.

/** Names the list of the page's own files, which the build writes. */
const FILES = "files.json";
/** Remembers within the tab that the page was loaded anew, so that it happens once. */
const TRIED = "thaw-isolating";

/** Starts the service worker, and loads the page once more if that isolates it; resolves in a page that is as isolated as it gets. */
export async function isolate(): Promise<void> {
  const { serviceWorker } = navigator;
  // Only secure pages have it, and a browser may refuse it, or the host may not have the file.
  const registered = await serviceWorker?.register("service-worker.js").catch(() => undefined);
  if (!registered || crossOriginIsolated) return;
  if (sessionStorage.getItem(TRIED) !== null) return;
  sessionStorage.setItem(TRIED, "yes");
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
