// What `thaw info` prints. What a model says about its training may be anything; only what has the form that thaw writes is shown.

import * as v from "valibot";
import type { ModelDescription } from "../../classifier/format.ts";
import { kindOf } from "../../classifier/target-kinds.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import { printable } from "../shared/printable.ts";
import { table } from "../shared/table.ts";
import { clock, count, type Paint, percent } from "../shared/terminal.ts";

/** A model's description, the number of its parameters, and its files. */
export interface ModelInfo extends Omit<ModelDescription, "version"> {
  readonly model: string;
  /** Of the folder, which an older version of thaw may have written. */
  readonly version: number;
  readonly parameters: number;
  readonly files: readonly { readonly file: string; readonly bytes: number }[];
}

const Share = v.fallback(v.nullish(v.number()), undefined);
const TrainingSchema = v.object({
  seed: v.fallback(v.optional(v.number()), undefined),
  accuracy: Share,
  ttaAccuracy: Share,
  stages: v.fallback(
    v.optional(v.array(v.object({ name: v.string(), accuracy: v.nullish(v.number()), seconds: v.number(), kept: v.boolean() }))),
    undefined,
  ),
});

/** The lines of the text output. */
export function infoLines(info: ModelInfo, paint: Paint): readonly string[] {
  const { preprocessing, calibration, files, head } = info;
  const { seed, stages, accuracy, ttaAccuracy } = v.parse(TrainingSchema, info.training);
  const { size, crop, pad } = preprocessing;
  const square = crop === "none" ? "the whole picture squashed" : "short side scaled, centre cut out";
  const rows: (readonly [string, string | undefined])[] = [
    ["predicts", predictsText(info)],
    [TARGET_KINDS[kindOf(info)].names, info.classes.map(printable).join(", ")],
    ["network", printable(info.architecture)],
    ["head", "layers" in head ? `${head.layers.length} layers of its own` : `hidden layers of ${head.hidden.join(", ") || "none"}`],
    ["parameters", count(info.parameters)],
    ["pictures", `${size} × ${size}: ${square}${pad > 0 ? `, ${pad} pixels of border` : ""}`],
    ["calibration", calibration && calibrationText(calibration)],
    ["files", files.map(({ file, bytes }) => `${file} ${(bytes / 1e6).toFixed(bytes < 1e5 ? 3 : 1)} MB`).join(", ")],
    ["format", `version ${info.version}`],
    ["seed", seed === undefined ? undefined : `${seed}`],
    [
      "accuracy",
      accuracy == null ? undefined : `${percent(accuracy)}${ttaAccuracy == null ? "" : `, ${percent(ttaAccuracy)} in several views`}`,
    ],
  ];
  const known = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  return [
    ...table(["left", "left"], known, paint),
    ...(stages && stages.length > 0
      ? [
          "",
          ...table(
            ["left", "right", "right", "left"],
            stages.map((stage) => [
              printable(stage.name),
              percent(stage.accuracy ?? Number.NaN),
              clock(stage.seconds),
              stage.kept ? "kept" : paint.dim("not kept"),
            ]),
            paint,
            { head: ["stage", "accuracy", "time", "result"] },
          ),
        ]
      : []),
  ];
}

function predictsText(info: ModelInfo): string {
  const { target } = info;
  return {
    single: "one class for each picture",
    multi: `any number of labels, each from ${percent(target && "threshold" in target ? target.threshold : Number.NaN)} on`,
    continuous: "numbers",
  }[kindOf(info)];
}

function calibrationText({ temperature, noneBelow, known }: NonNullable<ModelInfo["calibration"]>): string {
  const none = noneBelow === undefined ? "" : `, none of the classes below ${percent(noneBelow)}`;
  const far = known ? `, none of the classes farther from them than ${percent(known.keep)} of the validation photographs` : "";
  return `temperature ${Number(temperature.toPrecision(4))}${none}${far}`;
}
