// Fits the head again and again while labels come in: one fit at a time, always on the newest labels, and when the user pauses the honest answers
// for what is labelled, by a head that was fitted without each photograph.

import { standardizedRoots } from "../../interpret/features.ts";
import { leaveOneOut } from "../../interpret/leave-one-out.ts";
import type { LinearModel } from "../../learner/probe/fit-linear.ts";
import { topKAccuracy } from "../../metrics/ranking.ts";
import type { HeadState } from "../protocol/engine.ts";
import type { FeatureBank } from "./feature-bank.ts";
import { fitHead, type Guesses, guessAll, type Labelled } from "./head.ts";

/** What a head is fitted on. */
export interface FitSubject {
  readonly bank: FeatureBank;
  readonly labelled: readonly Labelled[];
  /** Those of `labelled`, by their indices. */
  readonly classes: readonly string[];
  readonly network: string;
}

/** A head, and what it says. */
export interface Fitted {
  readonly model: LinearModel;
  readonly classes: readonly string[];
  readonly guesses: Guesses;
  readonly state: HeadState;
}

/** Fewer labels than this say nothing about accuracy, and more take long to leave out one by one. */
const [LEAST_HELD_OUT, MOST_HELD_OUT] = [10, 4000];

export interface FittingOptions {
  /** What there is to fit now; undefined with fewer than two classes. */
  readonly subject: () => FitSubject | undefined;
  /** Called with each head, and again when its answers for labelled photographs are honest; undefined when there is nothing to fit. */
  readonly onFitted: (fitted: Fitted | undefined) => void;
  readonly onError: (error: unknown) => void;
}

export class Fitting {
  readonly #options: FittingOptions;
  /** The fit that runs, and the one that waits for it, which will see all labels of now. */
  #running: Promise<unknown> | undefined;
  #waiting: Promise<Fitted | undefined> | undefined;
  #holdingOut: AbortController | undefined;
  #closed = false;

  constructor(options: FittingOptions) {
    this.#options = options;
  }

  /** Fits a head on all labels of now, and resolves when its guesses are there. */
  request(): Promise<Fitted | undefined> {
    this.#holdingOut?.abort();
    this.#waiting ??= (this.#running ?? Promise.resolve()).then(() => this.#start());
    return this.#waiting;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#holdingOut?.abort();
    await this.#running?.catch(() => {});
  }

  async #start(): Promise<Fitted | undefined> {
    this.#waiting = undefined;
    if (this.#closed) return undefined;
    const fit = this.#fit();
    this.#running = fit
      .then((found) => this.#holdOut(found))
      .catch(this.#options.onError)
      .finally(() => {
        this.#running = undefined;
      });
    return (await fit)?.fitted;
  }

  async #fit(): Promise<{ fitted: Fitted; subject: FitSubject } | undefined> {
    const subject = this.#options.subject();
    if (!subject) {
      this.#options.onFitted(undefined);
      return undefined;
    }
    const { bank, labelled, classes, network } = subject;
    const begin = performance.now();
    const model = await fitHead(bank, labelled, classes);
    const guesses = await guessAll(model, bank, classes);
    const seconds = (performance.now() - begin) / 1000;
    const fitted = { model, classes, guesses, state: { labels: labelled.length, accuracy: undefined, seconds, network } };
    this.#options.onFitted(fitted);
    return { fitted, subject };
  }

  /** Replaces the guesses of labelled photographs, which the head has seen, by those of heads that have not. */
  async #holdOut(found: { fitted: Fitted; subject: FitSubject } | undefined): Promise<void> {
    if (!found || this.#waiting || this.#closed) return;
    const { fitted, subject } = found;
    const { bank, labelled, classes } = subject;
    if (labelled.length < LEAST_HELD_OUT || labelled.length > MOST_HELD_OUT) return;
    this.#holdingOut = new AbortController();
    const { signal } = this.#holdingOut;
    try {
      const ids = labelled.map(({ id }) => id);
      const labels = labelled.map(({ label }) => label);
      const features = standardizedRoots(bank.gather(ids).data, bank.width);
      const probabilities = await leaveOneOut(features, labels, { classes: classes.length, signal });
      signal.throwIfAborted();
      fitted.guesses.add(ids, probabilities);
      const accuracy = topKAccuracy(probabilities, labels, 1);
      this.#options.onFitted({ ...fitted, state: { ...fitted.state, accuracy } });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
