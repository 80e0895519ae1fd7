// Lists of names in a text, one on each line, in pieces of which each is short.

import { UsageError } from "../../core/errors.ts";

/** A file that is read in ranges. */
export interface SizedFile {
  /** What messages call it. */
  readonly name: string;
  readonly bytes: number;
  /** At most `length` bytes from `start`; undefined if the file is gone. */
  range(start: number, length: number): Promise<Uint8Array | undefined>;
}

/** Bytes that are read at once, and the most characters of a line. */
const [PIECE, LONGEST] = [1 << 20, 1_000_000];

/** The text of `file` in pieces. Throws a UsageError if it is not UTF-8, or changes meanwhile. */
export async function* piecesOf(file: SizedFile): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new UsageError(`${file.name} is not text in UTF-8`, "Save it in UTF-8.", { cause });
    }
  };
  for (let start = 0; start < file.bytes; ) {
    const bytes = await file.range(start, Math.min(PIECE, file.bytes - start));
    if (!bytes || bytes.length === 0) throw new UsageError(`${file.name} was changed while it was read`, "Run the same command again.");
    start += bytes.length;
    yield decode(bytes);
  }
  yield decode();
}

/** The lines of a text that comes in `pieces`, without empty ones. Throws a UsageError for a line that is too long to be a name. */
export async function* namesInText(pieces: AsyncIterable<string>, list: string): AsyncGenerator<string, void, undefined> {
  const checked = (line: string): string => {
    if (line.length <= LONGEST) return line;
    throw new UsageError(`${list} has a line of more than ${LONGEST} characters`, "Give a text with one name on each line.");
  };
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = checked(lines.pop() as string);
    for (const line of lines) {
      const name = withoutReturn(checked(line));
      // Copied: what split gives is a view, and whoever keeps one name would keep the whole piece.
      if (name !== "") yield Buffer.from(name).toString();
    }
  }
  if (withoutReturn(rest) !== "") yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
