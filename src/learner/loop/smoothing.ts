// The smoothed loss that training reports.

/** The state of a moving average. */
export interface Smoothing {
  average: number;
  steps: number;
}

/**
 * An exponential moving average a ← β·a + (1 − β)·x with the bias correction a / (1 − βᵗ) of Adam (Kingma and Ba 2015), as fastai shows its
 * training loss: β = 0.98. Returns the corrected average after each value.
 */
export function smoother(beta?: number): (value: number) => number {
  const smoothing = { average: 0, steps: 0 };
  return (value) => smoothed(smoothing, value, beta);
}

/** Adds `value` to `smoothing` and returns the bias-corrected average. */
export function smoothed(smoothing: Smoothing, value: number, beta = 0.98): number {
  smoothing.average = beta * smoothing.average + (1 - beta) * value;
  smoothing.steps++;
  return smoothing.average / (1 - beta ** smoothing.steps);
}
