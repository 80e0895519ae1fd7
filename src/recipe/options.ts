// What a person may say about a run. Whatever is left out, thaw chooses (choices.ts), or finds in the recipe file that is to be repeated.

import type { FromCsvOptions } from "../data/image-data.ts";
import type { Precision } from "../learner/frozen/precision.ts";
import type { RecipeEvent, StageName } from "./events.ts";
import type { Recipe } from "./file.ts";

/** How a table of labels is to be read. */
export type TableOptions = Pick<
  FromCsvOptions,
  "suffix" | "skipHeader" | "separator" | "catSeparator" | "labelColumns" | "continuous" | "multiLabel" | "valIdxs"
>;

type Choice<Name extends keyof Recipe> = { readonly [Key in Name]?: Recipe[Key] | undefined };

/** The choices of a run, by the names that they have in the recipe file. */
export interface Settings
  extends Choice<
    | "augment"
    | "balance"
    | "bnFreeze"
    | "bs"
    | "cut"
    | "freezeTo"
    | "labelSmoothing"
    | "lrFactor"
    | "maxZoom"
    | "microBatch"
    | "mix"
    | "optimizer"
    | "seed"
    | "threads"
    | "tta"
    | "views"
    | "weightDecay"
  > {
  /** Precision of the frozen part when it feeds training; default "auto": 8 bit where it pays and its features are close enough. */
  readonly precision?: Precision | undefined;
  /**
   * Name of the network, such as "mobilenet_v2", or of weights of one, such as "resnet34.a1_in1k", or path of an ONNX file, ending in ".onnx", or several that are tried in turn; default the
   * network whose weights ship with thaw.
   */
  readonly arch?: string | readonly string[] | undefined;
  /** The networks' pretrained weights, in their order, as the learner's option `weights` says; default those that ship or are published. */
  readonly weights?: string | readonly string[] | undefined;
  /** Width and height in pixels that the network sees, or several that are gone through in turn; default the network's own size. */
  readonly sizes?: readonly number[] | undefined;
  readonly size?: number | undefined;
  /** The stages to go through at each size; default all. */
  readonly stages?: readonly StageName[] | undefined;
  /** Epochs of the training stages in their order, or one number for all. */
  readonly epochs?: readonly number[] | undefined;
  /** Learning rates of the head in the training stages, in their order, or one for all; default the finder's. */
  readonly lrs?: readonly number[] | undefined;
}

export interface TrainOptions extends Settings {
  /** Folder of the photographs: train/<class> and valid/<class>, or one folder per class; with `csv`, the folder that its names lie in. */
  readonly folder: string;
  /** Table of the photographs' names and labels, a path from here or from the folder: several labels in a cell, or numbers, train for these. */
  readonly csv?: string | undefined;
  /** How the table is to be read. */
  readonly table?: TableOptions | undefined;
  /** A recipe file to repeat; settings that are given go before its own. */
  readonly recipe?: string | undefined;
  /** Goes on with the run that was stopped, where one was. */
  readonly resume?: boolean | undefined;
  /** Seconds that the run should take at most: stages are shortened or left out by the speeds that it measures. */
  readonly time?: number | undefined;
  /** Seconds between two writes of what `resume` needs; default 30. */
  readonly checkpointSeconds?: number | undefined;
  /** Downloads nothing. */
  readonly offline?: boolean | undefined;
  readonly cache?: string | undefined;
  readonly out?: string | undefined;
  /** Overwrites a model folder that is there. */
  readonly force: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: RecipeEvent) => void;
}
