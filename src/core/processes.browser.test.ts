// A lock in the browser's storage, held by tabs and workers of one page.

import { expect, onTestFinished, test } from "vitest";
import { pageProcesses } from "./processes.browser.ts";
import { databaseStore } from "./store/database.browser.ts";
import { type Lock, takeLock } from "./store/lock.ts";

const store = databaseStore("run", "thaw-lock-test");

/** Another tab, as far as the browser's storage and locks go: a frame of its own that loads thaw's modules anew. */
async function openTab(): Promise<{ take: () => Promise<boolean>; close: () => void }> {
  const frame = document.createElement("iframe");
  frame.srcdoc = "<!doctype html>";
  document.body.append(frame);
  await new Promise((resolve) => {
    frame.onload = resolve;
  });
  const modules = ["processes.browser.ts", "store/lock.ts", "store/database.browser.ts"].map((name) => new URL(name, import.meta.url).href);
  const script = frame.contentDocument!.createElement("script");
  script.type = "module";
  script.textContent = `
    const [{ pageProcesses }, { takeLock }, { databaseStore }] = await Promise.all(${JSON.stringify(modules)}.map((url) => import(url)));
    window.take = async () => "release" in (await takeLock(databaseStore("run", "thaw-lock-test"), await pageProcesses()));
    window.parent.dispatchEvent(new Event("tab-ready"));`;
  const ready = new Promise((resolve) => window.addEventListener("tab-ready", resolve, { once: true }));
  frame.contentDocument!.body.append(script);
  await ready;
  const close = () => frame.remove();
  onTestFinished(close);
  return { take: () => (frame.contentWindow as unknown as { take: () => Promise<boolean> }).take(), close };
}

test("of two tabs one may work, the other is told, and the lock of a tab that was closed is taken over", async () => {
  await store.replace(new Map());
  const tab = await openTab();
  expect(await tab.take()).toBe(true);
  const refused = await takeLock(store, await pageProcesses());
  expect(refused).toMatchObject({ key: "lock/1", holder: { host: location.origin } });
  tab.close();
  // The browser releases a closed tab's locks a moment later.
  await expect.poll(async () => (await navigator.locks.query()).held?.length).toBe(1);
  const lock = (await takeLock(store, await pageProcesses())) as Lock;
  expect(lock).toHaveProperty("release");
  expect((await store.list("")).map(({ key }) => key)).toEqual(["lock/2"]);
  const other = await openTab();
  expect(await other.take()).toBe(false);
  await lock.release();
  expect(await other.take()).toBe(true);
});
