// Runs training steps, and carries parameters, running statistics and optimiser state from one to the next.

import { float32, type Tensor, zeros } from "../../core/tensor.ts";
import { type Cost, costOf } from "../../graph/cost.ts";
import { overwritable } from "../../graph/overwrite.ts";
import { inRun, unrolled } from "../../graph/unroll.ts";
import type { Parameters } from "../../nn/scope.ts";
import { type Carried, carriedOn } from "../../runtime/carried.ts";
import type { Device, Session, SessionOptions } from "../../runtime/engine.ts";
import { defaultDevice, openSession } from "../../runtime/session.ts";
import { type DropoutMasks, dropoutMasks } from "./dropout.ts";
import { buildTrainingStep, next, optimizerScalarOf, scalarOf, type TrainingStep, type TrainingStepOptions } from "./training-step.ts";

/**
 * From this many bytes on, read and written, a step on the CPU plans no memory: it takes a third to half less and no longer. A step of a head on
 * activations would be a sixth slower. Measured on Zen 4.
 */
const UNPLANNED = 2 ** 30;

/**
 * Steps that one run of a session does on the CPU if each is small, such as those of a head on cached activations, whose time is for the most
 * part that of starting a run and copying its results. With 8 an epoch of 31 steps is no faster. WebAssembly copies nothing, and gains nothing.
 */
const TOGETHER = 4;
/** What a step is small below: bytes that its operators read and write, and operators. */
const SMALL = { bytes: 2 ** 28, operators: 500 };

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

/** What one step does. */
export interface Step {
  readonly batch: StepBatch;
  readonly settings: StepSettings;
  /** Names the dropout masks' stream. */
  readonly key: readonly (string | number)[];
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

/** A session for a number of steps on batches of one size. */
interface Compiled {
  readonly step: TrainingStep;
  /** Of each step. */
  readonly masks: readonly DropoutMasks[];
  readonly session: Session;
}

export class Trainer {
  readonly #options: TrainerOptions;
  /** Steps and their cost, by batch size. */
  readonly #built = new Map<number, { readonly step: TrainingStep; readonly cost: Cost }>();
  /** By batch size and number of steps. */
  readonly #compiled = new Map<string, Compiled>();
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

  /** The optimiser's state after the steps so far. On the CPU these are the trainer's own buffers, which later steps write to. */
  async state(): Promise<TrainerState> {
    // Before the first step it is the state to resume from.
    if (!this.#carried) return this.#options.resume ?? { steps: 0, tensors: new Map() };
    const now = await this.#carried.read(this.#state);
    return { steps: this.#steps, tensors: new Map(this.#state.map((name) => [name, now.get(name) as Tensor])) };
  }

  /**
   * The parameters and running statistics after the steps so far, read from the device if they are there. On the CPU trained ones are
   * the trainer's own buffers, which later steps write to.
   */
  async parameters(): Promise<Parameters> {
    const now = await this.#carried?.read(this.#options.parameters.keys());
    return new Map([...this.#options.parameters].map(([name, value]) => [name, now?.get(name) ?? value]));
  }

  /** A copy of the parameters as they are now: trained ones are copied, frozen ones are the same tensors as before. */
  async snapshot(): Promise<Parameters> {
    const now = await this.#carried?.read(this.#options.parameters.keys());
    return new Map(
      [...this.#options.parameters].map(([name, value]) => {
        const trained = now?.get(name);
        return [name, trained ? copyOf(trained) : value];
      }),
    );
  }

  /** The most steps on batches of `size` that `steps` takes. */
  async together(size: number): Promise<number> {
    if ((await this.#device()) !== "cpu") return 1;
    const { bytes, operators } = this.#stepOf(size).cost;
    return bytes < SMALL.bytes && operators < SMALL.operators ? TOGETHER : 1;
  }

  /** One step on `batch`; returns its mean loss before the update. `key` names the dropout masks' stream. */
  async step(batch: StepBatch, settings: StepSettings, key: readonly (string | number)[]): Promise<number> {
    return (await this.steps([{ batch, settings, key }]))[0] as number;
  }

  /**
   * Steps in a row on batches of one size, at most `together`: in one run of a session if they are that many. Returns the mean loss of each
   * before its update. They do the same as one by one.
   */
  async steps(steps: readonly Step[]): Promise<readonly number[]> {
    if (steps.length > 1 && steps.length < TOGETHER) {
      const losses: number[] = [];
      for (const step of steps) losses.push(...(await this.steps([step])));
      return losses;
    }
    const { step, masks, session } = await this.#compile((steps[0] as Step).batch.input.shape[0] as number, steps.length);
    this.#carried ??= await this.#carry(step);
    const named = (name: string, run: number): string => (steps.length === 1 ? name : inRun(name, run));
    const feeds: Record<string, Tensor> = {};
    for (const [run, { batch, settings, key }] of steps.entries()) {
      const { input, targets } = batch;
      const own = { input, targets, ...this.#scalars(step, settings), ...masks[run]?.(...key) };
      for (const [name, value] of Object.entries(own)) feeds[named(name, run)] = value;
      if (settings.apply !== false) this.#steps++;
    }
    const scalars = steps.map((_, run) => ["loss", ...step.parts].map((name) => named(name, run)));
    const results = await this.#carried.run(session, feeds, scalars.flat());
    const valuesOf = (names: readonly string[]): readonly number[] => names.map((name) => Number((results[name] as Tensor).data[0]));
    const [, ...last] = valuesOf(scalars.at(-1) as readonly string[]);
    this.#parts = Object.fromEntries(step.parts.map((name, i) => [name, last[i] as number]));
    return scalars.map((names) => valuesOf(names)[0] as number);
  }

  async release(): Promise<void> {
    // Before the sessions that made them.
    await this.#carried?.release();
    await Promise.all([...this.#compiled.values()].map(({ session }) => session.release()));
    this.#compiled.clear();
  }

  #stepOf(size: number): { readonly step: TrainingStep; readonly cost: Cost } {
    const made = this.#built.get(size);
    if (made) return made;
    const step = buildTrainingStep({ ...this.#options, inputShape: [size, ...this.#options.itemShape] });
    const built = { step, cost: costOf(step.graph) };
    this.#built.set(size, built);
    return built;
  }

  async #compile(size: number, times: number): Promise<Compiled> {
    const key = `${size}, ${times} times`;
    const made = this.#compiled.get(key);
    if (made) return made;
    const { step, cost } = this.#stepOf(size);
    const masks = Array.from({ length: times }, () => dropoutMasks(step.masks, this.#options.seed));
    const names = [...step.trained.map(({ name }) => name), ...step.statistics, ...step.state.map(({ name }) => name)];
    const carried = new Map(names.map((name) => [name, next(name)]));
    const device = await this.#device();
    const unplanned = device === "cpu" && cost.bytes >= UNPLANNED;
    const options = { ...this.#options.session, device, unplanned, name: "training step" };
    const graph = times === 1 ? step.graph : unrolled(step.graph, carried, times);
    const session = await openSession(graph, options, [...carried.values()]);
    const compiled = { step, masks, session };
    this.#compiled.set(key, compiled);
    return compiled;
  }

  /** What the steps carry, as it is before the first. */
  async #carry(step: TrainingStep): Promise<Carried> {
    const { parameters, resume } = this.#options;
    this.#state = step.state.map(({ name }) => name);
    const start = new Map<string, Tensor>();
    for (const name of [...step.trained.map((trained) => trained.name), ...step.statistics])
      start.set(name, parameters.get(name) as Tensor);
    for (const { name, shape } of step.state) start.set(name, resume?.tensors.get(name) ?? zeros("float32", shape));
    const pairs = [...start.keys()].map((name) => [name, next(name)] as const);
    return carriedOn(await this.#device(), start, next, overwritable(step.graph, pairs));
  }

  async #device(): Promise<Device> {
    return this.#options.session.device ?? (await defaultDevice());
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
