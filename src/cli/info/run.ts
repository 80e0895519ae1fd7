// `thaw info`: describes a saved model.

import { MODEL_FILE, WEIGHTS_FILE } from "../../classifier/format.ts";
import { modelReader, readModel } from "../../classifier/read-model.ts";
import { sizeOf } from "../../core/tensor.ts";
import { jsonLine } from "../shared/printable.ts";
import { paintFor, printLines, printRows } from "../shared/terminal.ts";
import { infoLines, type ModelInfo } from "./lines.ts";

export interface InfoFlags {
  json?: boolean;
}

/** Prints a description of the model in the folder `model`; returns 0. Throws a UsageError if it is not a model. */
export async function infoCommand(model: string, { json = false }: InfoFlags): Promise<number> {
  const reader = await modelReader(model);
  const { description, parameters } = await readModel(reader);
  const [text, weights] = await Promise.all([MODEL_FILE, WEIGHTS_FILE].map((name) => reader.get(name)));
  const files = [text, weights].map((bytes, i) => ({ file: [MODEL_FILE, WEIGHTS_FILE][i]!, bytes: bytes!.length }));
  // readModel converts to the current version; the file says which version it has.
  const { version } = JSON.parse(new TextDecoder().decode(text)) as { version: number };
  const count = [...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const info: ModelInfo = { model, ...description, version, parameters: count, files };
  if (json) printRows(process.stdout, [jsonLine(info)]);
  else printLines(process.stdout, infoLines(info, paintFor(process.stdout, process.env)));
  return 0;
}
