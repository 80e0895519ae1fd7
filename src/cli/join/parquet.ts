// The table of `thaw join --parquet`: the columns of --csv with their types, row group after row group.

import { VERSION } from "../../core/version.ts";
import { type Cell, type CellKind, tableCells, tableHead } from "../predict/csv.ts";
import type { Predicted, PredictedFile } from "../predict/lines.ts";

/** Values of a row group, which is held in memory, and its most rows. */
const [VALUES, MOST_ROWS] = [2_000_000, 50_000];

const TYPES = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  number: { type: "DOUBLE" },
} as const satisfies Record<CellKind, unknown>;

/** The bytes of a Parquet file with `rows`, in pieces. What a row lacks is null. */
export async function* parquetPieces(
  rows: AsyncIterable<PredictedFile>,
  predicted: Predicted,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const head = tableHead(predicted);
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    createdBy: `thaw ${VERSION}`,
    schema: [
      { name: "root", num_children: head.length },
      ...head.map(({ name, kind }, i) => ({
        name,
        repetition_type: i === 0 ? ("REQUIRED" as const) : ("OPTIONAL" as const),
        ...TYPES[kind],
      })),
    ],
  });
  const take = (): Uint8Array => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    return piece;
  };
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(VALUES / head.length)));
  let columns: Cell[][] = head.map(() => []);
  const write = async (): Promise<Uint8Array> => {
    const columnData = head.map(({ name }, i) => ({ name, data: columns[i] as Cell[] }));
    await writer.write({ columnData, rowGroupSize: most });
    columns = head.map(() => []);
    return take();
  };
  for await (const row of rows) {
    for (const [i, cell] of tableCells(row, predicted).entries()) (columns[i] as Cell[]).push(cell);
    if (columns[0]?.length === most) yield await write();
  }
  if ((columns[0]?.length ?? 0) > 0) yield await write();
  await writer.finish();
  yield take();
}
