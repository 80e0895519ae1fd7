// Threads need a page that is cross-origin isolated. Where its server cannot send the two headers (a static host, such as GitHub Pages), a service
// worker adds them, and the page loads once more.

export async function isolate() {
  const { serviceWorker } = navigator;
  if (crossOriginIsolated || !serviceWorker || serviceWorker.controller) return;
  await serviceWorker.register("isolating-worker.js");
  await serviceWorker.ready;
  location.reload();
  await new Promise(() => {}); // What follows belongs to the page that comes.
}
