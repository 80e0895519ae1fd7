// L-BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5) that asks for a point and is told its loss and gradient, so that the caller may
// evaluate several problems at once, and wherever it likes.

/** The curvature pairs that are remembered. */
const MEMORY = 6;
/** Armijo's condition: the least share of the decrease that the slope promises. */
const LEAST_DECREASE = 1e-4;
/** A search along one direction gives up after this many steps, each half as long: rounding hides any decrease. */
const MOST_HALVINGS = 12;

interface Pair {
  readonly step: Float32Array;
  readonly change: Float32Array;
  readonly curvature: number;
}

interface Evaluated {
  readonly at: Float32Array;
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** Minimises a smooth convex function from `start`. */
export class Lbfgs {
  /** Where the loss and the gradient are wanted next. */
  point: Float32Array;
  /** Whether the last step lowered the loss by less than `tolerance` of it, or no step could. */
  done = false;
  readonly #tolerance: number;
  #here: Evaluated | undefined;
  #pairs: Pair[] = [];
  #direction: Float32Array | undefined;
  #slope = 0;
  #length = 1;
  #halvings = 0;

  constructor(start: Float32Array, tolerance: number) {
    this.point = start;
    this.#tolerance = tolerance;
  }

  /** The best point so far; the start until that was evaluated. */
  get best(): Float32Array {
    return this.#here?.at ?? this.point;
  }

  /** The loss at `point` and its gradient, which is kept and not written to. */
  tell(loss: number, gradient: Float32Array): void {
    if (this.done) return;
    const here = this.#here;
    if (here && !(loss <= here.loss + LEAST_DECREASE * this.#length * this.#slope)) {
      this.#halve(here);
      return;
    }
    const next = { at: this.point, loss, gradient };
    if (here) {
      this.#remember(here, next);
      this.done = here.loss - loss <= this.#tolerance * Math.abs(here.loss);
    }
    this.#here = next;
    if (!this.done) this.#descend(next);
  }

  #halve(here: Evaluated): void {
    this.#halvings++;
    this.#length /= 2;
    this.done = this.#halvings === MOST_HALVINGS;
    if (!this.done) this.point = along(here.at, this.#length, this.#direction as Float32Array);
  }

  #remember(from: Evaluated, to: Evaluated): void {
    const [step, change] = [along(to.at, -1, from.at), along(to.gradient, -1, from.gradient)];
    const curvature = dot(step, change);
    if (curvature > 0) this.#pairs = [...this.#pairs, { step, change, curvature }].slice(-MEMORY);
  }

  #descend({ at, gradient }: Evaluated): void {
    const direction = gradient.map((value) => -value);
    const shares: number[] = [];
    for (const { step, change, curvature } of this.#pairs.toReversed()) {
      const share = dot(step, direction) / curvature;
      shares.push(share);
      add(direction, -share, change);
    }
    const last = this.#pairs.at(-1);
    if (last) scale(direction, last.curvature / dot(last.change, last.change));
    for (const { step, change, curvature } of this.#pairs)
      add(direction, (shares.pop() as number) - dot(change, direction) / curvature, step);
    this.#direction = direction;
    this.#slope = dot(gradient, direction);
    // Nothing is known of the curvature before the first step, so that one has the length 1 at most.
    this.#length = last ? 1 : Math.min(1, 1 / Math.sqrt(-this.#slope));
    this.#halvings = 0;
    this.done = !(this.#slope < 0);
    if (!this.done) this.point = along(at, this.#length, direction);
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(to: Float32Array, factor: number, values: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * values[i]!;
}

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i]! *= factor;
}

function along(from: Float32Array, length: number, direction: Float32Array): Float32Array {
  const result = new Float32Array(from.length);
  for (let i = 0; i < from.length; i++) result[i] = from[i]! + length * direction[i]!;
  return result;
}
