// Labels applied to files: moved into the folders of their classes, or copied into such folders beside the photographs. Nothing is overwritten, and
// nothing happens that was not shown before.

import { constants, copyFile, link, rmdir, stat, unlink } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { ensureFolder } from "../../core/files.node.ts";
import { hashJson } from "../../core/hash.ts";
import { systemCode, writeError } from "../../core/system-error.ts";
import type { Applied, ApplyPlan } from "../protocol/labels.ts";
import type { PhotoId } from "../protocol/photographs.ts";
import type { StudioSession } from "../session/session.ts";

/** Steps and problems that the page shows. */
const MOST_SHOWN = 200;

type Step = ApplyPlan["steps"][number];
type Problem = ApplyPlan["problems"][number];

/** Everything that is to be done. Names are paths below `root` (for `from`: below the photographs' folder). */
export interface FullPlan {
  readonly how: "move" | "copy";
  /** The folder that `to` lies in. */
  readonly root: string;
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
}

/** Which files would go where: those whose label is not the folder that they lie in; as copies all that have a label. */
export async function planFiles(session: StudioSession, how: "move" | "copy", copies: string): Promise<FullPlan> {
  const { table } = session;
  const root = how === "move" ? table.tree.path : copies;
  const steps: Step[] = [];
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  for (const id of table.ids()) {
    const label = session.labelOf(id);
    const from = table.name(id);
    if (label === undefined || (how === "move" && table.placeOf(from).folder === label)) continue;
    const to = `${how === "move" ? table.folderOf(label, from) : label}/${from.slice(from.lastIndexOf("/") + 1)}`;
    const path = join(root, ...to.split("/"));
    // The name of a class may come from a journal that somebody else wrote.
    if (!path.startsWith(root + sep)) problems.push({ id, from, problem: `${to} leads out of the folder` });
    else if (taken.has(path.toLowerCase()))
      problems.push({ id, from, problem: `${taken.get(path.toLowerCase())} would have the same name` });
    else if (await stat(path).catch(() => undefined)) problems.push({ id, from, problem: `There is ${to} already` });
    else {
      taken.set(path.toLowerCase(), from);
      steps.push({ id, from, to });
    }
  }
  return { how, root, steps, problems };
}

/** The plan as the page shows it. */
export function shownPlan({ how, root, steps, problems }: FullPlan): ApplyPlan {
  return {
    token: hashJson([how, root, steps]),
    how,
    to: root,
    steps: steps.slice(0, MOST_SHOWN),
    total: steps.length,
    problems: problems.slice(0, MOST_SHOWN),
  };
}

/** Does a plan. A file that cannot be moved or copied stays where it is; what was moved keeps its labels. */
export async function applyPlan(session: StudioSession, { how, root, steps, problems }: FullPlan): Promise<Applied> {
  const failed: Problem[] = [...problems];
  const done: { readonly id: PhotoId; readonly to: string }[] = [];
  const { tree } = session.table;
  for (const { id, from, to } of steps) {
    try {
      await transfer(tree.locate(from), join(root, ...to.split("/")), how);
      done.push({ id, to });
    } catch (error) {
      const told = writeError(error, to);
      failed.push({ id, from, problem: told instanceof UsageError ? told.message : (error as Error).message });
    }
  }
  if (how === "move") {
    await session.moved(done);
    for (const { from } of steps) await removeEmpty(dirname(tree.locate(from)), tree.path);
  }
  return { done: done.length, problems: failed.slice(0, MOST_SHOWN) };
}

/** Moves or copies a file to a place where none is, and fails if there is one after all. */
async function transfer(from: string, to: string, how: "move" | "copy"): Promise<void> {
  await ensureFolder(dirname(to));
  if (how === "copy") return copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  try {
    await link(from, to);
  } catch (error) {
    if (systemCode(error) === "EEXIST" || systemCode(error) === "ENOENT") throw error;
    // A disk without links, or another one.
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
  await unlink(from);
}

/** Deletes a folder that is empty, and those above it, below `root`. */
async function removeEmpty(folder: string, root: string): Promise<void> {
  for (let place = folder; place.startsWith(root + sep); place = dirname(place)) {
    const removed = await rmdir(place).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
