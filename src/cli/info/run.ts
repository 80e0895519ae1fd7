// `thaw info`: describes a saved model.

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { MODEL_FILE, WEIGHTS_FILE } from "../../classifier/format.ts";
import { readModel } from "../../classifier/read-model.ts";
import { sizeOf } from "../../core/tensor.ts";
import { jsonLine } from "../shared/printable.ts";
import { paintFor, printLines, printRows } from "../shared/terminal.ts";
import { infoLines, type ModelInfo } from "./lines.ts";

export interface InfoFlags {
  json?: boolean;
}

/** Prints a description of the model in the folder `model`; returns 0. Throws a UsageError if it is not a model. */
export async function infoCommand(model: string, { json = false }: InfoFlags): Promise<number> {
  const { description, parameters } = await readModel(model);
  const files = await Promise.all(
    [MODEL_FILE, WEIGHTS_FILE].map(async (name) => ({ file: name, bytes: (await stat(join(model, name))).size })),
  );
  // readModel converts to the current version; the file says which version it has.
  const { version } = JSON.parse(await readFile(join(model, MODEL_FILE), "utf8")) as { version: number };
  const count = [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const info: ModelInfo = { model, ...description, version, parameters: count, files };
  if (json) printRows(process.stdout, [jsonLine(info)]);
  else printLines(process.stdout, infoLines(info, paintFor(process.stdout, process.env)));
  return 0;
}
