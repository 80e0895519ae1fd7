// Writes files whole or not at all: a run that is stopped during a write leaves the old file or none, never half of one. Everything that
// thaw writes goes through here, but for what it appends to (the journal of a check, the part of a download) and pixels that outlast no run.

import { type FileHandle, mkdir, open, realpath, rename, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "./errors.ts";
import { refuseS3Address } from "./store/s3/address.ts";
import { systemCode, writeError } from "./system-error.ts";
import { withTemporary } from "./temporary.node.ts";

/** What a file is to have in it: pieces are written one after another, and iterated again if a write has to be repeated. */
type Content = string | Uint8Array | Iterable<string> | AsyncIterable<string | Uint8Array>;

/** Creates the folder `path` and its parents. Throws a UsageError if the system refuses. */
export async function ensureFolder(path: string): Promise<void> {
  refuseS3Address(path);
  try {
    // Absolute, as the folders above it have to be.
    const whole = resolve(path);
    if (await isFolder(whole)) return;
    const first = await makeFirst(whole);
    await mkdir(whole, { recursive: true });
    for (let made = whole; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  } catch (error) {
    throw writeError(error, path);
  }
}

/**
 * Makes the first folder that is missing on the way to `whole`, alone: where a system has no folders to be made (/proc/1), Node would try for ever to make
 * several at once, and on a read-only disk it would only say that the last does not exist.
 */
async function makeFirst(whole: string): Promise<string> {
  let missing = whole;
  while (dirname(missing) !== missing && !(await stat(dirname(missing)).catch(() => undefined))) missing = dirname(missing);
  try {
    await mkdir(missing);
  } catch (error) {
    const parent = dirname(missing);
    if (systemCode(error) === "ENOENT" && (await isFolder(parent)))
      throw new UsageError(`Cannot write ${whole}: no folders can be made in ${parent}`, "Choose another folder.", { cause: error });
    // Another process may have made it meanwhile.
    if (!(await isFolder(missing))) throw error;
  }
  return missing;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Writes `content` under a temporary name, syncs it, checks its length and renames it to `path`; creates its folder. A file that it replaces
 * passes on its permissions and its owner, and a link still leads to it. Throws like ensureFolder, with `shown` as the file's name; then the
 * old file is as it was.
 */
export async function writeFile(path: string, content: Content, shown = path): Promise<void> {
  // Between two of these steps another process may delete the folder with its last file, or the temporary file.
  for (let attempt = 1; ; attempt++) {
    await ensureFolder(dirname(path));
    try {
      await replaceFile(path, content, shown);
      return;
    } catch (error) {
      if (!MEANWHILE.has(systemCode(error)) || attempt === ATTEMPTS) throw writeError(error, shown);
    }
  }
}

const ATTEMPTS = 3;
/** The folder is gone, or the temporary name is taken: a process of another container may have the same number. */
const MEANWHILE: ReadonlySet<string | undefined> = new Set(["ENOENT", "EEXIST"]);

/** Makes what was created, renamed or deleted in `folder` outlast a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders and has no need to.
  const handle = await open(folder, "r").catch(() => undefined);
  try {
    await handle?.sync().catch((error: unknown) => {
      if (!UNSUPPORTED.has(systemCode(error))) throw error;
    });
  } finally {
    await handle?.close();
  }
}

const UNSUPPORTED: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOSYS", "ENOTSUP", "EPERM", "EBADF", "EISDIR"]);

async function replaceFile(path: string, content: Content, shown: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const old = await stat(target).catch(() => undefined);
  const folder = dirname(target);
  await withTemporary(folder, async (temporary) => {
    const file = await open(temporary, "wx", old?.mode);
    try {
      if (old) await passOn(old, file);
      const bytes = await writeAll(file, content);
      await file.sync();
      const { size } = await file.stat();
      if (size !== bytes)
        throw new UsageError(
          `Cannot write ${shown}: only ${size} of ${bytes} bytes reached the disk`,
          "The disk may be full or failing: check it, or choose a folder on another one.",
        );
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  });
  await syncFolder(folder);
}

/** Gives `file` the permissions and the owner of the file that it replaces. */
async function passOn({ mode, uid, gid }: { mode: number; uid: number; gid: number }, file: FileHandle): Promise<void> {
  const { uid: ownUid, gid: ownGid } = await file.stat();
  // Only root may give files away, and some file systems have neither owners nor permissions.
  if (uid !== ownUid || gid !== ownGid) await file.chown(uid, gid).catch(() => {});
  await file.chmod(mode).catch(() => {});
}

/** Writes all of `content`, however little the system takes at a time, and returns its length in bytes. */
async function writeAll(file: FileHandle, content: Content): Promise<number> {
  let bytes = 0;
  for await (const piece of typeof content === "string" || content instanceof Uint8Array ? [content] : content) {
    const part = typeof piece === "string" ? Buffer.from(piece) : piece;
    await file.writeFile(part);
    bytes += part.length;
  }
  return bytes;
}
