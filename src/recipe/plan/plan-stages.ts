// The plan of stages: which stages run on which network at which size, for how many epochs, and at which rates.

import { expected, UsageError } from "../../core/errors.ts";
import { FEW } from "../../nn/image-size.ts";
import type { Facts } from "../choices/choice.ts";
import type { RecipeChoices } from "../choices/choice-table.ts";
import { cyclesFor, cyclesOf, type TrainingStage } from "../choices/epochs.ts";
import { TRAINING_STAGES } from "../choices/words.ts";
import type { Recipe, StagePlan } from "../file/schema.ts";
import { ASKED, FROM_FILE } from "./choose-values.ts";
import { networksOf } from "./networks.ts";

/** Side in pixels of the images that a network is given by default if it learns from `train` of them. */
export type SizeOf = (network: string, train: number) => number;

/** The stages with the reasons for their epochs and rates. Throws a UsageError if none of them trains, or lists do not fit them. */
export function planStages(
  given: RecipeChoices,
  file: Recipe | undefined,
  { train }: Facts,
  sizeOf: SizeOf,
): { stages: readonly StagePlan[]; why: Readonly<Record<string, string>> } {
  const same = given.arch === undefined && given.sizes === undefined && given.size === undefined && given.stages === undefined;
  const asked = given.stages?.filter((name) => name !== "tta");
  const few = train < FEW;
  const rounds = roundsOf(given, networksOf(given, file), file, (network) => sizeOf(network, train));
  const usual = (name: TrainingStage): boolean => name !== "unfreeze" || !few || asksForUnfreeze(given, rounds.length);
  const names = TRAINING_STAGES.filter((name) => asked?.includes(name) ?? file?.stages.some((stage) => stage.name === name) ?? usual(name));
  if (names.length === 0) throw new UsageError("There is no stage that trains", `Name at least one of ${TRAINING_STAGES.join(", ")}.`);
  const planned: readonly StagePlan[] =
    file && same
      ? file.stages
      : rounds.flatMap(({ network, size }) =>
          names.map((name) => {
            const before = file?.stages.find((stage) => stage.name === name && stage.network === network && stage.size === size);
            const { why: _, ...cycles } = cyclesFor(name, train);
            return before ?? { name, network, size, ...cycles };
          }),
        );
  const epochs = spread(given.epochs, planned, names, "epochs (--epochs)");
  const lrs = spread(given.lrs, planned, names, "learning rates (--lr)");
  const stages = planned.map((stage, i) => ({
    ...stage,
    ...(epochs && cyclesOf(stage.name, epochs[i] as number)),
    ...(lrs && { lr: lrs[i] as number }),
  }));
  const isLarger = ({ network, size }: StagePlan): boolean => size > sizeOf(network, FEW);
  const reason = given.epochs ? ASKED : file ? FROM_FILE : cyclesFor(names[0] as TrainingStage, train).why;
  return {
    stages,
    why: {
      epochs: reason,
      ...(given.lrs && { lr: ASKED }),
      ...(!asked && !file && !names.includes("unfreeze") && { stages: NO_GAIN }),
      ...(few && !given.sizes && given.size === undefined && !file && stages.some(isLarger) && { size: LARGER_GAIN }),
    },
  };
}

const NO_GAIN = `fewer than ${FEW} images gain nothing from training all layers`;
const LARGER_GAIN = "few images tell more when they are larger";

/** Whether a choice was made that has an effect in `unfreeze` alone, or values for all three stages, once or in each round. */
function asksForUnfreeze({ epochs, lrs, freezeTo, lrFactor, bnFreeze, microBatch }: RecipeChoices, rounds: number): boolean {
  const ofAll = [epochs, lrs].some((list) => [1, rounds].some((times) => list?.length === times * TRAINING_STAGES.length));
  return ofAll || [freezeTo, lrFactor, bnFreeze, microBatch].some((choice) => choice !== undefined);
}

/** The rounds through the stages: the first network goes through all sizes, further ones begin at the last. */
function roundsOf(
  given: RecipeChoices,
  networks: readonly string[],
  file: Recipe | undefined,
  sizeOf: (network: string) => number,
): readonly { network: string; size: number }[] {
  const sizes = given.sizes ?? (given.size === undefined ? undefined : [given.size]);
  const ofFile = (network: string): readonly number[] | undefined => {
    const before = file?.stages.filter((stage) => given.arch === undefined || stage.network === network) ?? [];
    return before.length === 0 ? undefined : [...new Set(before.map(({ size }) => size))];
  };
  return networks.flatMap((network, i) => {
    const all = sizes ?? ofFile(network) ?? [sizeOf(network)];
    return (i === 0 ? all : all.slice(-1)).map((size) => ({ network, size }));
  });
}

/** One value for each of `stages`, from one for all, one for each name, or one for each. */
function spread(
  values: readonly number[] | undefined,
  stages: readonly StagePlan[],
  names: readonly TrainingStage[],
  what: string,
): readonly number[] | undefined {
  if (values === undefined) return undefined;
  if (values.length === 1) return stages.map(() => values[0] as number);
  if (values.length === stages.length) return values;
  if (values.length === names.length) return stages.map(({ name }) => values[names.indexOf(name)] as number);
  throw expected(
    `1 or ${names.length} numbers`,
    what,
    values.length,
    `The training stages are ${names.join(", ")}: give a number for each, or one for all.`,
  );
}
