// A row of the table of choices: everything that thaw knows about one choice of a run. table.ts holds the rows.

import type { TrainingStage } from "./epochs.ts";
import type { Domain, ValueKind } from "./values.ts";

/** What the choices depend on. */
export interface Facts {
  /** Number of training images. */
  readonly train: number;
  /** Training images of each class when each image has one class; empty otherwise. */
  readonly classCounts: readonly number[];
  /** Threads that the machine can run at once. */
  readonly cores: number;
}

/** An option of the command that sets a choice, as data. */
export interface Flag {
  /** Without the leading dashes. */
  readonly name: string;
  /** Name of its argument in the help; left out for a switch. */
  readonly argument?: string;
  readonly help: string;
  /** What it accepts, if less than the choice itself does. */
  readonly value?: ValueKind;
  /** Names under which other programs have it, without the leading dashes: who gives one is told the name here. */
  readonly synonyms?: readonly string[];
  /** Another option that cannot be given with it. */
  readonly conflicts?: string;
}

/** How the choice stands in the documentation. */
export interface Documentation {
  readonly title: string;
  /** What thaw chooses, in Markdown. */
  readonly chosen: string;
}

interface Row<Value> {
  readonly value: Domain<Value>;
  readonly flags: readonly Flag[];
  readonly documentation: Documentation;
  /** Heading of the help under which the flags are listed; default "choices". */
  readonly group?: "run" | "choices";
}

/** A choice that shapes the plan of stages (plan/stages.ts) or opens networks; the recipe file holds what follows from it. */
export type PlanChoice<Value = unknown> = Row<Value>;

/** A value with its reason, if that is worth telling. */
export interface Chosen<Value> {
  readonly value: Value;
  readonly reason?: string;
}

/** When a run prints the choice, and in which words. */
export interface Shown<Value> {
  /** "always", "asked" (if the user or the recipe file made it), or "never". */
  readonly when: "always" | "asked" | "never";
  /** Default: the key. */
  readonly title?: string;
  /** The stage that it matters in; default any. Without that stage the choice is not printed. */
  readonly stage?: TrainingStage;
  /** The value in words; default the value itself. */
  words?(value: Value): string;
}

/** The values, already decided, that others depend on. */
export interface ValuesBefore {
  readonly bs?: number;
  readonly bnFreeze?: boolean;
}

/** A choice whose value the recipe file holds under its own key. */
export interface ValueChoice<Value = unknown> extends Row<Value> {
  /** What thaw chooses if neither the user nor a recipe file does; `before` has the values of the rows above. */
  choose(facts: Facts, before: ValuesBefore): Chosen<NoInfer<Value>>;
  /** The value that follows from the user's other choices, if any; it precedes the recipe file. */
  implied?(
    given: { readonly stages?: readonly string[] | undefined; readonly bnFreeze?: boolean | undefined },
    before: ValuesBefore,
  ): NoInfer<Value> | undefined;
  readonly shown: Shown<NoInfer<Value>>;
  /** Whether the recipe file gives a reason for it; default true. */
  readonly explained?: boolean;
  /** What recipe files mean that were written before thaw had this choice; if it is left out, they are refused. */
  readonly missing?: { readonly value: NoInfer<Value> | undefined };
}

export function planChoice<Value>(row: PlanChoice<Value>): PlanChoice<Value> {
  return row;
}

export function valueChoice<Value>(row: ValueChoice<Value>): ValueChoice<Value> {
  return row;
}
