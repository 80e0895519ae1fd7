// The program: what `thaw --help` teaches, and its commands, each defined in a file of define/. Nothing heavy is imported before one runs.

import { Command } from "commander";
import { version } from "../core/version.ts";
import { defineAudit } from "./define/audit.ts";
import { defineAugment } from "./define/augment.ts";
import { defineCache } from "./define/cache.ts";
import { defineCheck } from "./define/check.ts";
import { defineComplete } from "./define/complete.ts";
import { defineEvaluate } from "./define/evaluate.ts";
import { defineExport } from "./define/export.ts";
import type { Finish } from "./define/finish.ts";
import { defineInfo } from "./define/info.ts";
import { defineModels } from "./define/models.ts";
import { definePredict } from "./define/predict.ts";
import { defineReport } from "./define/report.ts";
import { defineResize } from "./define/resize.ts";
import { defineSample } from "./define/sample.ts";
import { defineTrain } from "./define/train.ts";

const DESCRIPTION =
  "Teaches a pretrained network your own classes. Give it a folder with one folder of photographs per class: it finds the learning rates, " +
  "trains new last layers, then the whole network, and leaves a classifier in a folder, for this command and for your programs.";

const EXAMPLES = `
Examples:
  thaw sample pets
    draws pictures of cats and dogs to try thaw on
  thaw check photos
    what is broken, there twice or in the wrong place; changes nothing
  thaw train photos
    photos/train/<class>/ and photos/valid/<class>/, or photos/<class>/, of
    which a fifth is held out; leaves the classifier in photos-model
  thaw predict photos-model dog.jpg
    the class of one photograph
  thaw predict photos-model album/ --json
    of all photographs in a folder, one JSON object per line

"thaw <command> --help" tells more.`;

/** The commands in the order of the help: as they are needed, one after another. */
const COMMANDS = [
  defineCheck,
  defineAudit,
  defineModels,
  defineTrain,
  definePredict,
  defineEvaluate,
  defineInfo,
  defineReport,
  defineExport,
  defineResize,
  defineAugment,
  defineSample,
  defineCache,
  defineComplete,
];

/** The program; `finish` takes the exit code of the command that ran. Parsing throws CommanderError or UsageError. */
export function buildProgram(finish: Finish): Command {
  const program = new Command("thaw")
    .description(DESCRIPTION)
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(withHint(text)) })
    .exitOverride();
  for (const define of COMMANDS) define(program, finish);
  return program;
}

/** commander's message with its suggestion as a hint, the form of thaw's own errors. */
function withHint(text: string): string {
  return text.replace(/\n\((Did you mean .*\?)\)/, "\nhint: $1");
}
