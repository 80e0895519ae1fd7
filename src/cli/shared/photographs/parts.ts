// The options with which commands are told the folders of training, validation and test images.

import type { Command } from "commander";
import { UsageError } from "../../../core/errors.ts";
import type { PartNames } from "../../../data/sources/layout.ts";

export interface PartFlags {
  train?: string;
  valid?: string;
  test?: string;
}

/** Adds --train, --valid and --test to `command`; `testFound` says that a test folder of a usual name is read by itself. */
export function addParts(command: Command, testFound: boolean): Command {
  return command
    .option("--train <name>", 'the folder of training images in it (default: train or a usual name; "." if all its folders are classes)')
    .option("--valid <name>", "the folder of validation images in it (default: valid or a usual name)")
    .option("--test <name>", `a folder of test images in it${testFound ? " (default: test or testing)" : ", which is not trained on"}`);
}

/** The names that `flags` give. */
export function partNames({ train, valid, test }: PartFlags): PartNames {
  return {
    ...(train !== undefined && { trainName: train }),
    ...(valid !== undefined && { validName: valid }),
    ...(test !== undefined && { testName: test }),
  };
}

/** The words that give another command the same `flags`. */
export function partWords({ train, valid, test }: PartFlags): string[] {
  return Object.entries({ train, valid, test }).flatMap(([part, name]) => (name === undefined ? [] : [`--${part}`, name]));
}

/** Throws a UsageError if `flags` name folders although a table says where the photographs are. */
export function refusePartsOfTable(csv: string | undefined, flags: PartFlags): void {
  if (csv !== undefined && Object.keys(partNames(flags)).length > 0)
    throw new UsageError("--train, --valid and --test name folders of classes, and --csv a table instead", "Leave one of them out.");
}
