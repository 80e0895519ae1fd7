// The tabs and workers of this page in the browser, for locks: each holds a Web Lock of its own as long as it lives.

import { UsageError } from "./errors.ts";
import type { Holder, Processes } from "./store/lock.ts";

// As in database.browser.ts, the parts of the DOM that are needed here.
interface Platform {
  readonly origin: string;
  readonly navigator: {
    readonly locks?: {
      request(name: string, held: () => Promise<never>): Promise<never>;
      query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
    };
  };
}

const PREFIX = "thaw-process-";
let found: Promise<Processes> | undefined;

/** The tabs and workers of this page, of which this is one. Throws a UsageError in a browser, or on an insecure page, that has no Web Locks. */
export function pageProcesses(): Promise<Processes> {
  found ??= joinProcesses();
  return found;
}

async function joinProcesses(): Promise<Processes> {
  const { origin, navigator } = globalThis as unknown as Platform;
  const { locks } = navigator;
  if (!locks)
    throw new UsageError(
      "This page has no Web Locks, so two tabs could spoil each other's runs",
      "Serve it over https, or from this machine.",
    );
  const identity = crypto.randomUUID();
  // Never released: the browser does that when the tab or worker ends.
  await new Promise<void>((resolve, reject) => {
    const held = () => {
      resolve();
      return new Promise<never>(() => {});
    };
    locks.request(`${PREFIX}${identity}`, held).catch(reject);
  });
  const own: Holder = { pid: 0, host: origin, started: new Date(performance.timeOrigin).toISOString(), identity };
  return {
    own,
    async isRunning(holder) {
      const { held = [] } = await locks.query();
      return held.some(({ name }) => name === `${PREFIX}${holder.identity}`);
    },
  };
}
