// The calls of a studio's engine as they go over the network: their names, and what their arguments may be. A server checks each call against
// this table, and does nothing that is not in it.

import * as v from "valibot";
import { architectures } from "../../nn/catalogue.ts";
import { publishedWeights } from "../../nn/published/published.ts";
import { CHOICES, type ChoiceTable } from "../../recipe/choices/choice-table.ts";
import { valueSchema } from "../../recipe/file/schema.ts";
import type { StudioEngine } from "./engine.ts";
import { EXPORT_FORMATS } from "./results.ts";
import { FILE_CHOICES } from "./training.ts";

/** A million photographs may be labelled at once. */
const MOST_IDS = 1_000_000;
const MOST_NAMES = 10_000;

const Id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Ids = v.pipe(v.array(Id), v.maxLength(MOST_IDS));
const ShortText = v.pipe(v.string(), v.maxLength(1000));
const Names = v.pipe(v.array(ShortText), v.maxLength(MOST_NAMES));
const Run = v.pipe(v.string(), v.regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "Expected the name of a run"));
const MarkName = v.picklist(["broken", "copy", "misnamed", "odd", "suspect", "outlier", "deleted"]);

const Query = v.strictObject({
  name: v.optional(ShortText),
  labels: v.optional(v.pipe(v.array(v.nullable(ShortText)), v.maxLength(MOST_NAMES))),
  guesses: v.optional(Names),
  state: v.optional(v.picklist(["labelled", "unlabelled", "skipped", "deleted", "wrong"])),
  marks: v.optional(v.array(MarkName)),
  order: v.optional(v.picklist(["name", "uncertain", "sure", "guess", "doubtful"])),
});

const Act = v.variant("act", [
  v.strictObject({ act: v.literal("label"), ids: Ids, class: v.nullable(ShortText) }),
  v.strictObject({ act: v.literal("accept"), ids: Ids }),
  v.strictObject({ act: v.literal("skip"), ids: Ids, skipped: v.boolean() }),
  v.strictObject({ act: v.literal("delete"), ids: Ids, deleted: v.boolean() }),
  v.strictObject({ act: v.literal("addClass"), class: ShortText }),
  v.strictObject({ act: v.literal("renameClass"), class: ShortText, to: ShortText }),
  v.strictObject({ act: v.literal("mergeClasses"), classes: Names, into: ShortText }),
  v.strictObject({ act: v.literal("removeClass"), class: ShortText }),
]);

const Network = v.picklist([...architectures.map(({ name }) => name), ...publishedWeights.map(({ name }) => name)]);

const Choices = v.strictObject({
  arch: v.optional(v.union([Network, v.pipe(v.array(Network), v.minLength(1), v.maxLength(10))])),
  ...Object.fromEntries(
    Object.entries(CHOICES as ChoiceTable).flatMap(([key, { value }]) =>
      key === "arch" || FILE_CHOICES.has(key) ? [] : [[key, v.optional(valueSchema(value))]],
    ),
  ),
});

const Request = v.strictObject({
  name: v.optional(ShortText),
  time: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(30 * 86_400))),
  choices: v.optional(Choices),
});

/** What a server answers to a call by its name. Pictures go another way: their bytes are no JSON. */
export const CALLS = {
  list: v.strictTuple([Query]),
  photographs: v.strictTuple([Ids]),
  examine: v.strictTuple([v.picklist(["check", "audit"])]),
  act: v.strictTuple([Act]),
  undo: v.strictTuple([]),
  redo: v.strictTuple([]),
  refit: v.strictTuple([]),
  exportLabels: v.strictTuple([]),
  importLabels: v.strictTuple([v.string()]),
  planApply: v.strictTuple([v.picklist(["move", "copy"])]),
  apply: v.strictTuple([ShortText]),
  train: v.strictTuple([Request]),
  stop: v.strictTuple([Run]),
  resume: v.strictTuple([Run]),
  trainingEvents: v.strictTuple([Run, v.optional(Id)]),
  renameRun: v.strictTuple([Run, ShortText]),
  deleteRun: v.strictTuple([Run]),
  compareRuns: v.strictTuple([v.pipe(v.array(Run), v.maxLength(20))]),
  results: v.strictTuple([Run]),
  export: v.strictTuple([Run, v.picklist(EXPORT_FORMATS)]),
} satisfies { readonly [Name in keyof StudioEngine]?: v.GenericSchema };

export type CallName = keyof typeof CALLS;

/** The schema of the names of runs. */
export const RunSchema = Run;
