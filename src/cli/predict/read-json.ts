// Reads the lines of JSON that predictJson wrote.

import type { Prediction } from "../../classifier/classifier.ts";
import type { Predicted, PredictedFile } from "./lines.ts";

type Line = { readonly file: string } & (
  | { readonly error: string }
  | { readonly values: Readonly<Record<string, number>> }
  | {
      readonly class?: string | null;
      readonly labels?: readonly string[];
      readonly distance?: number;
      readonly probabilities: Readonly<Record<string, number>>;
    }
);

/** The photograph that a line is about. */
export function fileIn(line: string): string {
  return (JSON.parse(line) as Line).file;
}

/** The result in a line: what predictJson got, but that `present` says only what the line does. */
export function readPredicted(line: string, { names, mayBeNone }: Predicted): PredictedFile {
  const read = JSON.parse(line) as Line;
  const { file } = read;
  if ("error" in read) return { file, error: read.error };
  if ("values" in read) return { file, values: new Map(names.map((name) => [name, read.values[name] as number])) };
  const place = new Map(names.map((name, i) => [name, i]));
  // An object has names that are whole numbers before all others; equally probable classes were in the order of the model's.
  const predictions = Object.entries(read.probabilities)
    .sort(([a, p], [b, q]) => q - p || (place.get(a) as number) - (place.get(b) as number))
    .map(([name, probability], i): Prediction => {
      if (read.labels) return { class: name, probability, present: read.labels.includes(name) };
      return {
        class: name,
        probability,
        ...(mayBeNone && { present: i === 0 && read.class !== null }),
        ...(i === 0 && read.distance !== undefined && { distance: read.distance }),
      };
    });
  return { file, predictions };
}
