// The table of choices as flags: options for the command's parser, and what the parser found as choices again.

import { type Command, Option } from "commander";
import { expected } from "../../core/errors.ts";
import type { Flag } from "../../recipe/choices/choice.ts";
import { CHOICES, type ChoiceTable, type RecipeChoices } from "../../recipe/choices/choice-table.ts";
import type { ValueKind } from "../../recipe/choices/values.ts";
import { decimal, integer, list, oneOf } from "../shared/numbers.ts";
import type { Synonyms } from "../shared/parser-error.ts";

/** Adds the flags of the choices that the help lists in `group` to `command`. */
export function addChoices(command: Command, group: "run" | "choices", table: ChoiceTable = CHOICES): Command {
  for (const row of Object.values(table)) {
    if ((row.group ?? "choices") === group) for (const flag of row.flags) command.addOption(optionOf(flag, row.value));
  }
  return command;
}

/** Other programs' names for the flags of the choices. */
export function synonymsOf(table: ChoiceTable = CHOICES): Synonyms {
  const flags = Object.values(table).flatMap((row) => row.flags);
  return Object.fromEntries(flags.map(({ name, synonyms = [] }) => [name, synonyms]));
}

/** The choices that were made by `flags`, as commander parsed them. */
export function choicesOf(flags: Readonly<Record<string, unknown>>, table: ChoiceTable = CHOICES): RecipeChoices {
  const made = Object.entries(table).flatMap(([key, row]) =>
    row.flags.flatMap((flag): [string, unknown][] => {
      const value = flags[optionOf(flag, row.value).attributeName()];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  return Object.fromEntries(made) as RecipeChoices;
}

function optionOf({ name, argument, help, value: narrower, conflicts }: Flag, value: ValueKind): Option {
  const kind = narrower ?? value;
  const option = new Option(argument === undefined ? `--${name}` : `--${name} <${argument}>`, help).conflicts(conflicts ?? []);
  if (kind.kind === "word") return option.choices(kind.words);
  return kind.kind === "boolean" ? option : option.argParser(parserOf(`--${name}`, kind));
}

/** The parser of the argument of `flag`; it throws a UsageError for a value that is not of `kind`. */
function parserOf(flag: string, kind: ValueKind): (text: string) => unknown {
  switch (kind.kind) {
    case "integer":
      return integer(flag, kind.least, kind.most);
    case "number":
      return decimal(flag, kind.least, kind.most ?? Number.POSITIVE_INFINITY);
    case "word":
      return oneOf(flag, kind.words);
    case "text":
      return ending(flag, kind.ending);
    case "list":
      return list(parserOf(flag, kind.of));
    case "boolean":
      throw new Error(`${flag} takes no argument`);
  }
}

/** A parser for names that end in `end`, if one is given. */
function ending(flag: string, end = ""): (text: string) => string {
  return (text) => {
    if (!text.endsWith(end)) throw expected(`a file whose name ends in "${end}"`, flag, text);
    return text;
  };
}
