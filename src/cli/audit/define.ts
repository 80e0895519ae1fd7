// The options of `thaw audit` and its help.

import type { Command } from "commander";
import type { Finish } from "../shared/finish.ts";
import { helpText } from "../shared/help.ts";
import { integer } from "../shared/numbers.ts";
import { addParts } from "../shared/photographs/parts.ts";
import type { AuditFlags } from "./run.ts";

const DESCRIPTION =
  "Lists what is likely wrong with photographs and their labels, judging by a pretrained network: labels that are in doubt (confident " +
  "learning, with classifiers that did not see the photograph), photographs that are nearly the same, and outliers. It changes nothing: look " +
  "at the photographs, write a list of what is wrong with --list, and let --apply make the changes that you decide on.";

const EXAMPLES = `
Examples:
  thaw audit photos
  thaw audit photos --arch mobilenet_v2 --top 50
    a better network finds wrong labels more reliably
  thaw audit photos --list changes.csv
    write the right class, or "delete", into its column "change", then
  thaw audit photos --apply changes.csv
    says what would change; with --yes it does
  thaw audit photos --json | jq -r '.labels[] | select(.likely) | .file'

Photographs lie as for "thaw train"; training and validation are looked at
together. Exit codes: 0 done, 2 a mistake in the command or the photographs,
130 stopped by Ctrl-C.`;

/** Adds `thaw audit` to the program. */
export function defineAudit(program: Command, finish: Finish): void {
  const command = program
    .command("audit")
    .summary("list labels that are likely wrong, near duplicates and outliers")
    .description(DESCRIPTION)
    .argument("<folder>", "photographs, one folder per class");
  addParts(command, false)
    .option("--arch <name>", "the pretrained network (default: the best whose weights are here or are downloaded at once)")
    .option("--weights <file>", 'its weights, as for "thaw train"')
    .option("--offline", "download nothing: take weights from the cache")
    .option("--size <pixels>", 'width and height that the network sees (default: as in "thaw train", at least 224)', integer("--size", 32))
    .option("--top <n>", "how many of each list to print", integer("--top", 1), 20)
    .option("--seed <n>", "the seed of the split, where no validation folder is there", integer("--seed", 0), 42)
    .option("--threads <n>", "processor threads (default: all)", integer("--threads", 1))
    .option("--cache <folder>", "where to cache activations (default: .thaw/<name> beside the photographs)")
    .option("--list <file>", 'write the labels in doubt to a table (CSV) whose column "change" is for your decisions')
    .option("--apply <file>", 'say what such a table changes: photographs move to the class in "change", or out if it is "delete"')
    .option("--yes", 'with --apply: make the changes; what is deleted is kept in the cache\'s folder "removed"')
    .option("--json", "print one JSON object, with the whole lists")
    .addHelpText("after", helpText(EXAMPLES))
    .action(async (folder: string, flags: AuditFlags) => finish(await (await import("./run.ts")).auditCommand(folder, flags)));
}
