// Runs training steps and carries parameters, running statistics and optimiser state from one to the next without copies:
// each has two buffers, one to read and one to write, used in turn.

import { float32, type Tensor, zeros } from "../../core/tensor.ts";
import type { Parameters } from "../../nn/scope.ts";
import type { Session, SessionOptions } from "../../runtime/engine.ts";
import { openSession } from "../../runtime/session.ts";
import { type DropoutMasks, dropoutMasks } from "./dropout.ts";
import { buildTrainingStep, next, optimizerScalarOf, scalarOf, type TrainingStep, type TrainingStepOptions } from "./training-step.ts";

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
  #current = new Map<string, Tensor>();
  #spare = new Map<string, Tensor>();
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

  /** The optimiser's state after the steps so far: the trainer's own buffers, which later steps write to. */
  get state(): TrainerState {
    // Before the first step it is the state to resume from.
    if (this.#current.size === 0) return this.#options.resume ?? { steps: 0, tensors: new Map() };
    return { steps: this.#steps, tensors: new Map(this.#state.map((name) => [name, this.#current.get(name) as Tensor])) };
  }

  /** The parameters and running statistics after the steps so far. Trained ones are the trainer's own buffers, which later steps write to. */
  get parameters(): Parameters {
    return new Map([...this.#options.parameters].map(([name, value]) => [name, this.#current.get(name) ?? value]));
  }

  /** A copy of the parameters as they are now: trained ones are copied, frozen ones are the same tensors as before. */
  snapshot(): Parameters {
    return new Map(
      [...this.#options.parameters].map(([name, value]) => [
        name,
        this.#current.has(name) ? copyOf(this.#current.get(name) as Tensor) : value,
      ]),
    );
  }

  /** One step on `batch`; returns its mean loss before the update. `key` names the dropout masks' stream. */
  async step(batch: StepBatch, settings: StepSettings, key: readonly (string | number)[]): Promise<number> {
    const { step, masks, session } = await this.#compile(batch.input.shape[0] as number);
    this.#prepare(step);
    // Names of parameters come from files: without a prototype none of them means anything to the object.
    const feeds: Record<string, Tensor> = Object.assign(Object.create(null), {
      input: batch.input,
      targets: batch.targets,
      ...this.#scalars(step, settings),
      ...masks(...key),
    });
    const into: Record<string, Tensor> = Object.create(null);
    for (const [name, value] of this.#current) {
      feeds[name] = value;
      into[next(name)] = this.#spare.get(name) as Tensor;
    }
    const results = await session.run(feeds, into);
    const after = new Map([...this.#current.keys()].map((name) => [name, results[next(name)] as Tensor]));
    this.#spare = this.#current;
    this.#current = after;
    if (settings.apply !== false) this.#steps++;
    this.#parts = Object.fromEntries(step.parts.map((name) => [name, Number((results[name] as Tensor).data[0])]));
    return Number((results.loss as Tensor).data[0]);
  }

  async release(): Promise<void> {
    await Promise.all([...this.#compiled.values()].map(({ session }) => session.release()));
    this.#compiled.clear();
  }

  async #compile(batch: number): Promise<Compiled> {
    const made = this.#compiled.get(batch);
    if (made) return made;
    const step = buildTrainingStep({ ...this.#options, inputShape: [batch, ...this.#options.itemShape] });
    const masks = dropoutMasks(step.masks, this.#options.seed);
    const compiled = { step, masks, session: await openSession(step.graph, { ...this.#options.session, name: "training step" }) };
    this.#compiled.set(batch, compiled);
    return compiled;
  }

  /** Fills the buffers at the first step. */
  #prepare(step: TrainingStep): void {
    if (this.#current.size > 0) return;
    const { parameters, resume } = this.#options;
    this.#state = step.state.map(({ name }) => name);
    for (const name of [...step.trained.map((trained) => trained.name), ...step.statistics]) {
      const start = parameters.get(name) as Tensor<"float32">;
      this.#current.set(name, { ...start, data: start.data.slice() });
    }
    for (const { name, shape } of step.state) {
      const kept = resume?.tensors.get(name);
      this.#current.set(name, kept ? copyOf(kept) : zeros("float32", shape));
    }
    for (const [name, { shape }] of this.#current) this.#spare.set(name, zeros("float32", shape));
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
