// A shared log on a disk: one file, to which the system appends each line in one piece.

import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../errors.ts";
import { ensureFolder, syncFolder } from "../files.node.ts";
import { readError, writeError } from "../system-error.ts";
import type { SharedLog } from "./shared-log.ts";

/** Bytes that are read at once. */
const PIECE = 1 << 20;
/** A log is read into memory. */
const MOST_BYTES = 1 << 30;
const NEWLINE = 10;

/** Opens the log in the file `path`, which is made with its folders. Throws a UsageError if it cannot be written, or has more than a gigabyte. */
export async function openSharedLog(path: string): Promise<SharedLog> {
  await ensureFolder(dirname(path));
  const file = await open(path, "a+").catch((error: unknown) => {
    throw writeError(error, path);
  });
  await syncFolder(dirname(path));
  return new DiskLog(path, file);
}

class DiskLog implements SharedLog {
  readonly place: string;
  readonly #file: FileHandle;
  /** Bytes that were read, and those of them after the last line break. */
  #at = 0;
  #rest: Uint8Array = new Uint8Array();
  #last: Promise<unknown> = Promise.resolve();

  constructor(place: string, file: FileHandle) {
    this.place = place;
    this.#file = file;
  }

  read(): Promise<readonly Uint8Array[]> {
    return this.#inTurn(() => this.#readLines());
  }

  append(line: string): Promise<void> {
    return this.#inTurn(async () => {
      try {
        // Whoever wrote half a line died: this line must not become part of it. If it lives, an empty line is the worst that comes of this.
        const bytes = Buffer.from(`${(await this.#endsInLine()) ? "" : "\n"}${line}\n`);
        const { bytesWritten } = await this.#file.write(bytes);
        if (bytesWritten < bytes.length)
          throw new UsageError(
            `Cannot write ${this.place}: only ${bytesWritten} of ${bytes.length} bytes reached the disk`,
            "The disk may be full: free some space. What was written before is kept.",
          );
        await this.#file.datasync();
      } catch (error) {
        throw writeError(error, this.place);
      }
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#file.close());
  }

  async #endsInLine(): Promise<boolean> {
    const { size } = await this.#file.stat();
    if (size === 0) return true;
    const { buffer } = await this.#file.read(new Uint8Array(1), 0, 1, size - 1);
    return buffer[0] === NEWLINE;
  }

  async #readLines(): Promise<readonly Uint8Array[]> {
    const lines: Uint8Array[] = [];
    try {
      for (;;) {
        const { buffer, bytesRead } = await this.#file.read(new Uint8Array(PIECE), 0, PIECE, this.#at);
        if (bytesRead === 0) return lines;
        this.#at += bytesRead;
        if (this.#at > MOST_BYTES)
          throw new UsageError(`${this.place} has more than ${MOST_BYTES} bytes`, "Move it away: it is hardly what thaw wrote.");
        this.#take(buffer.subarray(0, bytesRead), lines);
      }
    } catch (error) {
      throw readError(error, this.place);
    }
  }

  #take(bytes: Uint8Array, lines: Uint8Array[]): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; start = end + 1, end = bytes.indexOf(NEWLINE, start)) {
      const line = joined(this.#rest, bytes.subarray(start, end));
      this.#rest = new Uint8Array();
      if (line.length > 0) lines.push(line);
    }
    this.#rest = joined(this.#rest, bytes.subarray(start));
  }

  /** One after another: a position and a file are shared by all calls. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.length === 0 ? b : Buffer.concat([a, b]);
}
