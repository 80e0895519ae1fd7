// Lists of names in a column of a Parquet file, one row group after another.

import * as zlib from "node:zlib";
import type { Compressors, FileMetaData } from "hyparquet";
import { byteSize } from "../../core/byte-size.ts";
import { UsageError } from "../../core/errors.ts";
import { columnIn, type WantedColumn } from "./columns.ts";
import type { SizedFile } from "./text.node.ts";

/** The most bytes of a file's description, and of the names in a row group. */
const [MOST_METADATA, MOST_GROUP] = [256_000_000, 1_000_000_000];
/** "PAR1", and the length of the description before it. */
const FOOTER = 8;

/** The values of the wanted column, which must be texts. Throws a UsageError for a file that is damaged, or has no such column. */
export async function* namesInParquet(file: SizedFile, wanted: WantedColumn): AsyncGenerator<string, void, undefined> {
  const { parquetMetadataAsync, parquetRead, snappyUncompress } = await import("hyparquet");
  const slice = (start: number, end = file.bytes): Promise<ArrayBuffer> => {
    const reading = sliceOf(file, start, end);
    // The library asks for several at once, and for those after a failure it does not wait.
    reading.catch(() => undefined);
    return reading;
  };
  const source = { byteLength: file.bytes, slice };
  const metadata = await checked(file, async () => {
    if (file.bytes < FOOTER + 4) throw new Error("it is too short");
    const footer = new DataView(await slice(file.bytes - FOOTER));
    const length = footer.getUint32(0, true);
    if (footer.getUint32(4, true) !== 0x31524150) throw new Error("it does not end with PAR1");
    if (length > Math.min(MOST_METADATA, file.bytes)) throw new Error(`its description has ${byteSize(length)}`);
    return parquetMetadataAsync(source);
  });
  const columns = metadata.schema.slice(1).filter(({ num_children }) => num_children === undefined);
  const name = columns[
    columnIn(
      columns.map((each) => each.name),
      wanted,
      file.name,
    )
  ]?.name as string;
  const snappy = (input: Uint8Array, length: number): Uint8Array => {
    const output = new Uint8Array(bounded(length));
    snappyUncompress(input, output);
    return output;
  };
  const compressors: Compressors = { ...decompressors(), SNAPPY: snappy };
  let first = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const bytes = bytesOf(group, name);
    if (bytes > MOST_GROUP)
      throw new UsageError(
        `${file.name} has a row group with ${byteSize(bytes)} of names, where ${byteSize(MOST_GROUP)} are the most`,
        "Write it with smaller row groups.",
      );
    const found = await checked(file, async () => {
      let values: readonly unknown[] = [];
      const onComplete = (read: unknown[][]): void => {
        values = read.map(([value]) => value);
      };
      await parquetRead({ file: source, metadata, columns: [name], rowStart: first, rowEnd: first + rows, compressors, onComplete });
      return values;
    });
    first += rows;
    for (const value of found) {
      if (typeof value === "string" && value !== "") yield value;
      else if (value !== null && value !== undefined && value !== "")
        throw new UsageError(`The column "${name}" of ${file.name} holds no names but ${typeof value}s`, "Name another with --column.");
    }
  }
}

async function sliceOf(file: SizedFile, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = await file.range(start, end - start);
  if (bytes?.length !== end - start) throw new Error("it ends too early");
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

function bytesOf({ columns }: FileMetaData["row_groups"][number], name: string): number {
  const found = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data;
  return Number(found?.total_uncompressed_size ?? 0n);
}

/** What Node decompresses by itself. */
function decompressors(): Compressors {
  const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync?: typeof zlib.gunzipSync };
  const by = (decompress: typeof zlib.gunzipSync) => (input: Uint8Array, length: number) =>
    new Uint8Array(decompress(input, { maxOutputLength: bounded(length) }));
  return {
    GZIP: by(zlib.gunzipSync),
    BROTLI: by(zlib.brotliDecompressSync as typeof zlib.gunzipSync),
    ZSTD: by(
      zstdDecompressSync ??
        (() => {
          throw new Error("it is compressed with Zstandard, which needs Node 22.15");
        }),
    ),
  };
}

/** The length of a page, which no file may make too large. */
function bounded(length: number): number {
  if (length > MOST_GROUP) throw new Error(`a page has ${byteSize(length)}`);
  return Math.max(1, length);
}

/** What `work` gives. What it throws is the file's fault. */
async function checked<Result>(file: SizedFile, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(
      `${file.name} is not a Parquet file that can be read: ${cause instanceof Error ? cause.message : cause}`,
      "Write it again, with Snappy or without compression.",
      { cause },
    );
  }
}
