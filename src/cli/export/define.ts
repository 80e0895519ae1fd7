// The options of `thaw export` and its help.

import { type Command, Option } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import type { ExportFlags } from "./run.ts";

const DESCRIPTION =
  "Writes a model for programs without thaw. As one ONNX file it goes from pixels of any size to probabilities: scaling, cropping, " +
  "normalising, the network with batch norm folded, and calibration are inside, and so are the names of the classes. As a folder for " +
  "transformers.js it opens in its image-classification pipeline. As a page it is a folder for any web host, where people drop a picture and " +
  "see the answer; the picture stays in their browser.";

const EXAMPLES = `
Examples:
  thaw export photos-model
    photos-model.onnx: "pixels", uint8 RGB [n, height, width, 3], to
    "probabilities" [n, classes]; and photos-model.json with the classes, for
    programs that cannot read its metadata
  thaw export photos-model --format transformers --out public/photos-model
    config.json, preprocessor_config.json and onnx/model.onnx
  thaw export photos-model --page site
    index.html, the model and all that predicts with it; needs no network

Exit codes: 0 done, 1 failed, 2 a mistake in the command, or a model that the
format cannot hold.`;

/** Adds `thaw export` to the program. */
export function defineExport(program: Command, finish: Finish): void {
  program
    .command("export")
    .summary("write a model for programs without thaw")
    .description(DESCRIPTION)
    .argument("<model>", "the folder that thaw train wrote, or a zip of it")
    .addOption(new Option("--format <name>", "what to write").choices(["onnx", "transformers"]).default("onnx"))
    .option("--out <path>", "where to write it (default: <model>.onnx, or <model>-transformers)")
    .addOption(new Option("--page <folder>", "write a web page that predicts, instead of a format").conflicts(["format", "out"]))
    .option("--force", "replace an existing file or folder; the files of an older page are deleted")
    .option("--json", "print one JSON object")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (model: string, flags: ExportFlags) => finish(await (await import("./run.ts")).exportCommand(model, flags)));
}
