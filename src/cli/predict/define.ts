// The options of `thaw predict` and its help.

import { type Command, Option } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import { addLists } from "../shared/photographs/lists.ts";
import type { PredictFlags } from "./run.ts";

const DESCRIPTION =
  'Names the class of photographs with a classifier that "thaw train" made. A folder stands for all images in it and in the folders below.';

const EXAMPLES = `
Examples:
  thaw predict photos-model dog.jpg
  thaw predict photos-model album/ garden/*.jpg
  thaw predict photos-model dog.jpg --top 3
  thaw predict photos-model album/ --json > predictions.jsonl
  thaw predict photos-model photos --part test
  find album -name "*.jpg" | thaw predict photos-model - --csv > table.csv
  thaw predict photos-model --list names.parquet --column path --json

A model of several labels lists those that reach its threshold; one of numbers
prints a column for each. A model that knows how the photographs of its classes
look answers "none (dog?)" where one lies farther from them than it should, and
--json says how far: above 1 is none. With --csv the columns are "file", then the answer,
then "error", which is empty if the file could be read.

Several processes predict a shard each, on one machine or many:
  thaw predict photos-model album/ --shard 1/3 --out parts
  thaw join parts --csv all.csv
In a Slurm array, an AWS Batch array or an Indexed Job, --shard auto finds out
which shard it is. Which photographs are in a shard depends on their names alone. A part is written
once; the same command again goes on at the first that is missing.

A queue hands out the shards, to workers that come and go; without an address they
are processes of this command:
  thaw predict photos-model album/ --out parts --queue --workers 4
  thaw predict photos-model album/ --out parts --queue postgres://user@host/db
  thaw work postgres://user@host/db

Photographs, models and parts may lie in an object store:
  thaw predict s3://models/pets s3://photos/album --out s3://results/parts
AWS_REGION, AWS_ENDPOINT_URL_S3 and the usual credentials say where and as whom.

Exit codes: 0 done, 1 a file could not be read (the others are predicted; with
--out its row says so, and the code is 0), 2 a mistake in the command, 75 the disk or
the object store failed and the same command may succeed later, 130 stopped by
Ctrl-C.`;

/** Adds `thaw predict` to the program. */
export function definePredict(program: Command, finish: Finish): void {
  const command = program
    .command("predict")
    .summary("name the class of photographs")
    .description(DESCRIPTION)
    .argument("<model>", "the folder that thaw train wrote, or a zip of it; or its address")
    .argument("[files...]", 'photographs, folders of them, s3://bucket/prefix, or "-" for names on standard input, one on each line');
  addLists(command)
    .option("--part <name>", "the folder in each of the folders to predict, such as test (default: all of it)")
    .option("--top <n>", "list the n most probable classes", integer("--top", 1))
    .option(
      "--out <folder>",
      "write parts of 1,000 photographs to a folder, where thaw join finds them; go on where a killed process stopped",
    )
    .option("--shard <n/all>", 'with --out: only this part of the photographs, such as 2/3; "auto" asks Slurm, AWS Batch or Kubernetes')
    .option("--queue [address]", "with --out: let workers predict; a PostgreSQL database has the queue for other machines")
    .option(
      "--shards <n>",
      "with --queue: how many (default: one for each 1,000 photographs, or smaller ones if these are few)",
      integer("--shards", 1),
    )
    .option(
      "--workers <n>",
      "with --queue: processes here (default: one per core, at most 4; with an address none)",
      integer("--workers", 0, 1000),
    )
    .option("--detach", "with an address: do not wait until the photographs are done")
    .option("--threads <n>", "threads to compute with (default: one per core)", integer("--threads", 1))
    .addOption(new Option("--csv", "print a table of comma-separated values").conflicts("json"))
    .option("--json", "print one JSON object per line")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (model: string, files: string[], flags: PredictFlags) =>
      finish(await (await import("./run.ts")).predictCommand(model, files, flags)),
    );
}
