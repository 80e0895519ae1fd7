// What a learner is at a moment, and the parts of its work that fitting, finding and predicting share. Its public face is learner.ts.

import { storage } from "#storage";
import { normalizePixels } from "../../classifier/preprocess.ts";
import { type Scale, scaleOf } from "../../classifier/targets.ts";
import { expected, UsageError } from "../../core/errors.ts";
import type { WorkOptions } from "../../core/progress.ts";
import { storeOf } from "../../core/store/store-of.ts";
import type { ImageClassifierData } from "../../data/image-data.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/types.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { SessionOptions } from "../../runtime/engine.ts";
import { Cut } from "../frozen/cut.ts";
import { type CutNetwork, DataPath } from "../frozen/data-path.ts";
import type { FrozenPart } from "../frozen/frozen-part.ts";
import type { Mixer } from "../frozen/mixing.ts";
import { TrainingPasses } from "../frozen/training-passes.ts";
import type { LearnerOptions } from "../learner-options.ts";
import type { Network } from "../network.ts";
import { type Optimizer, sgd } from "../step/optimizer.ts";
import { Trainer, type TrainerState } from "../step/trainer.ts";
import type { Metric } from "../task/measured.ts";
import { LEARNER_KINDS } from "../task/target-kinds.ts";
import { calibratedTask, type Task, withMetrics } from "../task/task.ts";
import { History } from "./history.ts";
import { Weights } from "./weights.ts";

/** What a learner starts with. */
export interface Start {
  readonly network: Network;
  readonly parameters: Parameters;
  /** Default 0.5. */
  readonly threshold?: number;
  /** Default: by the data. */
  readonly scale?: Scale;
}

/** What a trainer is made with beside the learner's state. */
export interface TrainerSettings {
  readonly optimizer: Optimizer;
  /** Whether the gradients of several batches make one update; default false. */
  readonly accumulate?: boolean;
  /** Default: the learner's. */
  readonly clip?: number | undefined;
  /** The optimiser's state to resume from. */
  readonly resume?: TrainerState | undefined;
}

/** A learner's options, with the device that "auto" chose. */
export type ResolvedOptions = LearnerOptions & Pick<SessionOptions, "device">;

export class LearnerState {
  readonly network: Network;
  readonly options: LearnerOptions;
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly session: SessionOptions;
  /** How numbers are scaled for training: by the data that the learner was made for. */
  readonly scale: Scale;
  /** The user's own measures, by name. */
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly weights: Weights;
  readonly cut: Cut;
  readonly history = new History();
  #data: ImageClassifierData;
  #path: DataPath;

  constructor({ network, parameters, threshold = 0.5, scale }: Start, data: ImageClassifierData, options: ResolvedOptions) {
    const { device, threads } = options;
    this.network = network;
    this.options = options;
    this.seed = options.seed ?? data.seed;
    this.optimizer = options.optimizer ?? sgd();
    this.session = { ...(device && { device }), ...(threads && { threads }) };
    this.scale = scale ?? scaleOf(data.train.map((item) => item.values ?? []));
    this.metrics = options.metrics ?? {};
    this.weights = new Weights(parameters, threshold);
    this.cut = new Cut(network, options);
    this.#data = data;
    this.#path = this.#newPath();
  }

  get data(): ImageClassifierData {
    return this.#data;
  }

  /** The way of the data through the network. */
  get path(): DataPath {
    return this.#path;
  }

  get task(): Task {
    return this.taskWith(this.metrics);
  }

  /** What is taught, for outputs that the learner's temperature was not fitted to. */
  get uncalibratedTask(): Task {
    const { kind, classes } = this.#data;
    return LEARNER_KINDS[kind].task(classes, { threshold: this.weights.threshold, scale: this.scale }, this.options);
  }

  /** What is taught, and measured by `metrics` too. */
  taskWith(metrics: Readonly<Record<string, Metric>>): Task {
    const { calibration } = this.weights;
    const task = this.uncalibratedTask;
    return withMetrics(
      calibration ? calibratedTask(task, calibration.temperature) : task,
      LEARNER_KINDS[this.#data.kind].measured,
      metrics,
    );
  }

  /** Switches to other data of the same classes. Throws a UsageError for data of others. */
  async useData(data: ImageClassifierData): Promise<void> {
    if (data.classes.join("\n") !== this.#data.classes.join("\n")) {
      throw new UsageError("The new data has other classes than the learner", `Give data of the classes ${this.#data.classes.join(", ")}.`);
    }
    if (data.channels !== this.#data.channels) throw expected(`${this.#data.channels} channels`, "the new data", data.channels);
    if (data.kind !== this.#data.kind) throw expected(`targets of the kind "${this.#data.kind}"`, "the new data", data.kind);
    await this.#path.release();
    this.weights.calibration = undefined;
    this.#data = data;
    this.#path = this.#newPath();
  }

  /** Opens the network as it is cut now, with `parameters`, by default the learner's. */
  async open(parameters: Parameters = this.weights.parameters): Promise<CutNetwork> {
    return { frozen: await this.#path.open(this.cut.first, parameters), stages: this.cut.stages, parameters };
  }

  /** Turns what crosses the freeze point into the first trained stage's input; undefined if that is the input. */
  prepare(frozen: FrozenPart) {
    const normalization = this.#data.tfms;
    return frozen.type === "uint8" ? (graph: GraphBuilder, pixels: Value) => normalizePixels(graph, pixels, normalization) : undefined;
  }

  /** A trainer for the layers of `network` that train. */
  trainer({ frozen, stages, parameters }: CutNetwork, { optimizer, accumulate, clip, resume }: TrainerSettings): Trainer {
    return new Trainer({
      stages,
      prepare: this.prepare(frozen),
      inputType: frozen.type,
      itemShape: frozen.itemShape,
      classes: this.#data.c,
      objective: this.task.objective,
      parameters,
      trainable: (group) => this.cut.trains(group),
      bnFreeze: this.cut.bnFreeze,
      optimizer,
      accumulate,
      clip: clip ?? this.options.clip,
      session: this.session,
      seed: this.seed,
      resume,
    });
  }

  /** The passes of training through `frozen`, in batches of `bs`. */
  passes(frozen: FrozenPart, bs: number, work: WorkOptions, mix?: Mixer): TrainingPasses {
    const { path, data, seed, cut } = this;
    return new TrainingPasses({
      path,
      frozen,
      data,
      seed,
      sampling: this.options.sampling,
      batchSize: bs,
      precompute: cut.cached,
      mix,
      work,
    });
  }

  /** The work options of a call, with the learner's own as defaults. */
  work({ onProgress, onWarning, signal }: WorkOptions): WorkOptions {
    const own = this.options;
    return { onProgress: onProgress ?? own.onProgress, onWarning: onWarning ?? own.onWarning, signal: signal ?? own.signal };
  }

  #newPath(): DataPath {
    const { network, seed, session, options } = this;
    const { cache = storage.cacheFor(this.#data.path), precision = "fp32", onPrecision } = options;
    return new DataPath({ network, data: this.#data, seed, session, cache: storeOf(cache), precision, onPrecision });
  }
}
