// The border at which an error of the operating system becomes a sentence with the file, the cause and the cure.

import { UnavailableError, UsageError } from "./errors.ts";

/** The code of a failed system call, such as "ENOENT"; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The UsageError that says why `path` could not be written and what to do; `error` itself if it does not come from the system. */
export function writeError(error: unknown, path: string): unknown {
  return sentence(error, `Cannot write ${path}`, WRITE_CAUSES) ?? error;
}

/** The UsageError that says why `path` could not be read and what to do; `error` itself if it does not come from the system. */
export function readError(error: unknown, path: string): unknown {
  return sentence(error, `Cannot read ${path}`, READ_CAUSES) ?? error;
}

/**
 * The UsageError for a system's error that nothing nearer to its cause has put into words, also if it is the cause of `error`; undefined if
 * there is none.
 */
export function systemError(error: unknown): UsageError | undefined {
  for (let found = error, depth = 0; found instanceof Error && depth < DEPTH; found = found.cause, depth++) {
    if (found instanceof UsageError) return found;
    const { path, dest, syscall } = found as { path?: unknown; dest?: unknown; syscall?: unknown };
    const place = [dest, path].find((value) => typeof value === "string") ?? "a file";
    const reading = typeof syscall === "string" && READING.has(syscall);
    const said = sentence(found, `Cannot ${reading ? "read" : "use"} ${place}`, reading ? READ_CAUSES : WRITE_CAUSES);
    if (said) return said;
  }
  return undefined;
}

/** Whether `error`, or what caused it, is an error of the operating system, or of a server that may answer later. */
export function isFromSystem(error: unknown): boolean {
  return isPassing(error) || (error instanceof Error && isPassing(error.cause));
}

function isPassing(error: unknown): boolean {
  return error instanceof UnavailableError || CODE.test(systemCode(error) ?? "");
}

/** How far causes are followed; they may be a circle. */
const DEPTH = 8;
const READING: ReadonlySet<string> = new Set([
  "open",
  "read",
  "stat",
  "lstat",
  "fstat",
  "scandir",
  "opendir",
  "readlink",
  "realpath",
  "access",
]);

type Causes = Readonly<Record<string, readonly [cause: string, cure: string]>>;

const FAILING = "The disk, or the connection to it, may be failing: check it, or choose a folder on another one.";
const PERMISSIONS = "Change its permissions, or choose another one.";
const CHECK_PATH = "Check the path.";
const FULL = ["the disk is full", "Free some space, or choose a folder on another disk."] as const;
const NO_WRITING = ["no permission", "Choose a folder that you may write to, or change its permissions."] as const;
const IN_THE_WAY = ["a file is where a folder should be", "Choose another folder, or move that file away."] as const;

const CAUSES: Causes = {
  EIO: ["the disk reports an error (EIO)", FAILING],
  EMFILE: ["too many files are open (EMFILE)", "Raise the limit (ulimit -n), or close other programs."],
  ENFILE: ["too many files are open on this machine (ENFILE)", "Close other programs, or raise the system's limit."],
  ENOMEM: ["the memory is full (ENOMEM)", "Close other programs, or use a machine with more memory."],
  ENAMETOOLONG: ["the name is too long", "Choose a shorter one."],
  ELOOP: ["its links lead in a circle", CHECK_PATH],
  EBUSY: ["another program is using it", "Close that program, or choose another file."],
  ETXTBSY: ["another program is running it", "Close that program, or choose another file."],
  ESTALE: ["the disk was disconnected (ESTALE)", "Connect it again and run the same command again."],
  ENODEV: ["the disk was disconnected (ENODEV)", "Connect it again and run the same command again."],
  ENXIO: ["the disk was disconnected (ENXIO)", "Connect it again and run the same command again."],
};

const WRITE_CAUSES: Causes = {
  ...CAUSES,
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: NO_WRITING,
  EPERM: NO_WRITING,
  EROFS: ["the disk is read-only", "Choose a folder on a disk that can be written."],
  EEXIST: IN_THE_WAY,
  ENOTDIR: IN_THE_WAY,
  EISDIR: ["it is a folder", "Choose another file name."],
  ENOENT: ["its folder does not exist, or was deleted meanwhile", "Check the path, and run the same command again."],
  ENOTEMPTY: ["another program is writing there", "Wait until it has ended, or choose another folder."],
  EFBIG: ["the file is too large for this disk or its limits", "Choose a folder on another disk, or raise the limit (ulimit -f)."],
};

const READ_CAUSES: Causes = {
  ...CAUSES,
  EACCES: ["no permission", PERMISSIONS],
  EPERM: ["no permission", PERMISSIONS],
  ENOENT: ["it does not exist, or was deleted meanwhile", CHECK_PATH],
  ENOTDIR: ["a file is where a folder should be", CHECK_PATH],
  EISDIR: ["it is a folder", "Name a file."],
};

/** A system's code is a word like EIO; Node's own (ERR_INVALID_ARG_TYPE) stand for mistakes in a program. */
const CODE = /^E(?!RR_)[A-Z0-9]+$/;

function sentence(error: unknown, what: string, causes: Causes): UsageError | undefined {
  const code = systemCode(error);
  if (code === undefined || !CODE.test(code)) return undefined;
  const [cause, cure] = causes[code] ?? [`the system reports ${code}`, "Check the path and the disk, and run the same command again."];
  return new UsageError(`${what}: ${cause}`, cure, { cause: error });
}
