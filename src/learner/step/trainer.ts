// Runs training steps, and carries parameters, running statistics and optimiser state from one to the next.

import { float32, type Tensor, zeros } from "../../core/tensor.ts";
import { costOf } from "../../graph/cost.ts";
import { overwritable } from "../../graph/overwrite.ts";
import type { Parameters } from "../../nn/scope.ts";
import { type Carried, carriedOn } from "../../runtime/carried.ts";
import type { Session, SessionOptions } from "../../runtime/engine.ts";
import { defaultDevice, openSession } from "../../runtime/session.ts";
import { type DropoutMasks, dropoutMasks } from "./dropout.ts";
import { buildTrainingStep, next, optimizerScalarOf, scalarOf, type TrainingStep, type TrainingStepOptions } from "./training-step.ts";

/**
 * From this many bytes on, read and written, a step on the CPU plans no memory: it takes a third to half less and no longer. A step of a head on
 * activations would be a sixth slower. Measured on Zen 4.
 */
const UNPLANNED = 2 ** 30;

/** Values of one step's scalars, one entry per layer group of the network. */
export interface StepSettings {
  readonly lrs: readonly number[];
  readonly momentums: readonly number[];
  readonly weightDecays: readonly number[];
  /** With `accumulate`: false only adds this batch's gradient to the next update's; default true. */
  readonly apply?: boolean;
}

export interface StepBatch {
  /** [batch, …] of the step's input type. */
  readonly input: Tensor;
  /** Soft labels [batch, classes], or what the objective takes. */
  readonly targets: Tensor<"float32">;
}

export type TrainerOptions = Omit<TrainingStepOptions, "inputShape"> & {
  /** The input's shape without its batch dimension. */
  readonly itemShape: readonly number[];
  readonly session: SessionOptions;
  /** Names the dropout masks' random stream. */
  readonly seed: number;
  /** Resumes from another trainer's `state`, with its parameters. */
  readonly resume?: TrainerState | undefined;
};

/** What a trainer carries from step to step beside the parameters. */
export interface TrainerState {
  readonly steps: number;
  /** Optimiser state by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** A session for batches of one size. */
interface Compiled {
  readonly step: TrainingStep;
  readonly masks: DropoutMasks;
  readonly session: Session;
}

export class Trainer {
  readonly #options: TrainerOptions;
  readonly #compiled = new Map<number, Compiled>();
  #carried: Carried | undefined;
  #steps: number;
  #state: readonly string[] = [];
  #parts: Readonly<Record<string, number>> = {};

  constructor(options: TrainerOptions) {
    this.#options = options;
    this.#steps = options.resume?.steps ?? 0;
  }

  /** The objective's scalars in the last step, by name. */
  get parts(): Readonly<Record<string, number>> {
    return this.#parts;
  }

  /** The optimiser's state after the steps so far. In memory these are the trainer's own buffers, which later steps write to. */
  async state(): Promise<TrainerState> {
    // Before the first step it is the state to resume from.
    if (!this.#carried) return this.#options.resume ?? { steps: 0, tensors: new Map() };
    const now = await this.#carried.read();
    return { steps: this.#steps, tensors: new Map(this.#state.map((name) => [name, now.get(name) as Tensor])) };
  }

  /**
   * The parameters and running statistics after the steps so far, read from the device if they are there. In memory trained ones are the
   * trainer's own buffers, which later steps write to.
   */
  async parameters(): Promise<Parameters> {
    const now = await this.#carried?.read();
    return new Map([...this.#options.parameters].map(([name, value]) => [name, now?.get(name) ?? value]));
  }

  /** A copy of the parameters as they are now: trained ones are copied, frozen ones are the same tensors as before. */
  async snapshot(): Promise<Parameters> {
    const now = await this.#carried?.read();
    return new Map(
      [...this.#options.parameters].map(([name, value]) => {
        const trained = now?.get(name);
        return [name, trained ? copyOf(trained) : value];
      }),
    );
  }

  /** One step on `batch`; returns its mean loss before the update. `key` names the dropout masks' stream. */
  async step(batch: StepBatch, settings: StepSettings, key: readonly (string | number)[]): Promise<number> {
    const { step, masks, session } = await this.#compile(batch.input.shape[0] as number);
    this.#carried ??= await this.#carry(step);
    const feeds = { input: batch.input, targets: batch.targets, ...this.#scalars(step, settings), ...masks(...key) };
    const results = await this.#carried.run(session, feeds, ["loss", ...step.parts]);
    if (settings.apply !== false) this.#steps++;
    this.#parts = Object.fromEntries(step.parts.map((name) => [name, Number((results[name] as Tensor).data[0])]));
    return Number((results.loss as Tensor).data[0]);
  }

  async release(): Promise<void> {
    // Before the sessions that made them.
    await this.#carried?.release();
    await Promise.all([...this.#compiled.values()].map(({ session }) => session.release()));
    this.#compiled.clear();
  }

  async #compile(batch: number): Promise<Compiled> {
    const made = this.#compiled.get(batch);
    if (made) return made;
    const step = buildTrainingStep({ ...this.#options, inputShape: [batch, ...this.#options.itemShape] });
    const masks = dropoutMasks(step.masks, this.#options.seed);
    const holds = [...step.trained.map(({ name }) => name), ...step.statistics, ...step.state.map(({ name }) => name)].map(next);
    const device = this.#options.session.device ?? (await defaultDevice());
    const unplanned = device === "cpu" && costOf(step.graph).bytes >= UNPLANNED;
    const options = { ...this.#options.session, device, unplanned, name: "training step" };
    const session = await openSession(step.graph, options, holds);
    const compiled = { step, masks, session };
    this.#compiled.set(batch, compiled);
    return compiled;
  }

  /** What the steps carry, as it is before the first. */
  async #carry(step: TrainingStep): Promise<Carried> {
    const { parameters, resume, session } = this.#options;
    this.#state = step.state.map(({ name }) => name);
    const start = new Map<string, Tensor>();
    for (const name of [...step.trained.map((trained) => trained.name), ...step.statistics])
      start.set(name, parameters.get(name) as Tensor);
    for (const { name, shape } of step.state) start.set(name, resume?.tensors.get(name) ?? zeros("float32", shape));
    const pairs = [...start.keys()].map((name) => [name, next(name)] as const);
    return carriedOn(session.device ?? (await defaultDevice()), start, next, overwritable(step.graph, pairs));
  }

  #scalars(step: TrainingStep, { lrs, momentums, weightDecays, apply = true }: StepSettings): Record<string, Tensor> {
    const { optimizer, accumulate } = this.#options;
    const scalars: Record<string, Tensor> = accumulate ? { apply: float32(apply ? 1 : 0) } : {};
    for (const group of step.groups) {
      const hyperparameters = {
        lr: lrs[group] as number,
        momentum: momentums[group] as number,
        weightDecay: weightDecays[group] as number,
      };
      const own = optimizer.scalars?.(this.#steps + 1, hyperparameters) ?? {};
      for (const [name, value] of Object.entries(hyperparameters)) scalars[scalarOf(name, group)] = float32(value);
      for (const [name, value] of Object.entries(own)) scalars[optimizerScalarOf(name, group)] = float32(value);
    }
    return scalars;
  }
}

function copyOf(value: Tensor): Tensor {
  return { ...value, data: value.data.slice() } as Tensor;
}
