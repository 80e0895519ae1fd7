// The program: what `thaw --help` prints, and its commands, each defined in its folder's define.ts. Nothing heavy is imported before one
// runs.

import { Command } from "commander";
import { VERSION } from "../core/version.ts";
import { defineAudit } from "./audit/define.ts";
import { defineAugment } from "./augment/define.ts";
import { defineCache } from "./cache/define.ts";
import { defineCheck } from "./check/define.ts";
import { defineComplete } from "./complete/define.ts";
import { defineEvaluate } from "./evaluate/define.ts";
import { defineExport } from "./export/define.ts";
import { defineFeatures } from "./features/define.ts";
import { defineInfo } from "./info/define.ts";
import { defineJobs } from "./jobs/define.ts";
import { defineJoin } from "./join/define.ts";
import { defineModels } from "./models/define.ts";
import { definePredict } from "./predict/define.ts";
import { defineReport } from "./report/define.ts";
import { defineResize } from "./resize/define.ts";
import { defineSample } from "./sample/define.ts";
import { defineServe } from "./serve/define.ts";
import type { Finish } from "./shared/finish.ts";
import { helpText } from "./shared/help.ts";
import { parserError } from "./shared/parser-error.ts";
import { defineStudio } from "./studio/define.ts";
import { defineTrain } from "./train/define.ts";
import { defineWork } from "./work/define.ts";

const DESCRIPTION =
  "Teaches a pretrained network your own classes. Give it a folder with one folder of photographs per class: it finds the learning " +
  "rates, trains new last layers, then the whole network, and writes a classifier to a folder, for this command and for your programs.";

const EXAMPLES = `
Examples:
  thaw sample pets
    draws pictures of cats and dogs to try thaw on
  thaw check photos
    lists what is broken, duplicated or in the wrong place; changes nothing
  thaw train photos
    photos/train/<class>/ and photos/valid/<class>/, or photos/<class>/, of
    which a fifth is held out; leaves the classifier in photos-model
  thaw predict photos-model dog.jpg
    the class of one photograph
  thaw predict photos-model album/ --json
    of all photographs in a folder, one JSON object per line

"thaw <command> --help" tells more.`;

/** The commands in the order of the help, which is roughly the order in which they are needed. */
const COMMANDS = [
  defineStudio,
  defineCheck,
  defineAudit,
  defineModels,
  defineTrain,
  definePredict,
  defineWork,
  defineJobs,
  defineJoin,
  defineFeatures,
  defineServe,
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
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ minWidthToWrap: 20 })
    .addHelpText("after", helpText(EXAMPLES))
    .configureOutput({ outputError: (text, write) => write(parserError(text)) })
    .exitOverride();
  for (const define of COMMANDS) define(program, finish);
  return program;
}
