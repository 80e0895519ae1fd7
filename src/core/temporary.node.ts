// Names of unfinished files and folders that say which process they belong to, so that what a killed one left is recognised and deleted,
// and what a running one writes is left alone.

import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { threadId } from "node:worker_threads";
import { exists } from "./processes.node.ts";

const TEMPORARY = /^\.thaw-([\w-]+\.\d+\.\d+)\.\d+\.tmp$/;

/** What this thread is writing. */
const live = new Set<string>();
const swept = new Map<string, Promise<void>>();
let made = 0;

/** This thread, in a file name: host, process and thread, separated by dots. */
export function ownerName(): string {
  return `${hostname().replace(/[^\w-]/g, "-")}.${process.pid}.${threadId}`;
}

/** Whether `owner` is a thread of a process of this machine that has ended. */
export function hasEnded(owner: string): boolean {
  const [host, id, thread] = owner.split(".");
  return host === ownerName().split(".")[0] && thread !== undefined && !exists(Number(id));
}

/** Runs `work` with the path of a file or folder in `folder` that does not exist yet, and deletes whatever is there afterwards. */
export async function withTemporary<Result>(folder: string, work: (path: string) => Promise<Result>): Promise<Result> {
  await sweep(folder);
  const name = `.thaw-${ownerName()}.${made++}.tmp`;
  live.add(name);
  try {
    return await work(join(folder, name));
  } finally {
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
    live.delete(name);
  }
}

/** Whether `name` is that of something unfinished. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Deletes `name` in `folder` if it is what an ended process left unfinished. If that is impossible, it stays. */
export async function deleteAbandoned(folder: string, name: string): Promise<void> {
  const owner = TEMPORARY.exec(name)?.[1];
  if (owner === undefined) return;
  // A process may have the number of an earlier one, as in a container.
  const abandoned = owner === ownerName() ? !live.has(name) : hasEnded(owner);
  if (abandoned) await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
}

/** Deletes what ended processes left in `folder`, once in the life of this process. */
function sweep(folder: string): Promise<void> {
  const place = resolve(folder);
  const running = swept.get(place) ?? sweepNow(place);
  swept.set(place, running);
  return running;
}

async function sweepNow(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) await deleteAbandoned(folder, name);
}
