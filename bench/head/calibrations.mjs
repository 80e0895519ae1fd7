// Ways to calibrate logits, each fitted to some and applied to others.

import { metrics } from "../../dist/index.js";

/** From logits [rows, classes], labels and the number of classes to a function from logits to probabilities. */
export const CALIBRATIONS = {
  "as trained": (_logits, _labels, classes) => (logits) => softmax(logits, classes),
  temperature: (logits, labels, classes) => {
    const temperature = metrics.fitTemperature(logits, labels);
    return (others) => softmax(metrics.withTemperature(others, temperature), classes);
  },
  // What a learner does: as if there were one more photograph of which nothing is known.
  "temperature and one more": (logits, labels, classes) => {
    const temperature = metrics.fitTemperature(logits, labels, { spread: 1 / (labels.length + 1) });
    return (others) => softmax(metrics.withTemperature(others, temperature), classes);
  },
  // A share of each probability is spread evenly over the classes: photographs whose label no classifier tells.
  "temperature and floor": (logits, labels, classes) => {
    const apply = (others, { temperature, floor }) =>
      softmax(metrics.withTemperature(others, temperature), classes).map((p) => (1 - floor) * p + floor / classes);
    let best = { loss: Number.POSITIVE_INFINITY };
    for (const floor of [0, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12])
      for (let power = -2; power <= 2.5; power += 0.1) {
        const temperature = 2 ** power;
        const loss = metrics.logLoss(apply(logits, { temperature, floor }), labels);
        if (loss < best.loss) best = { loss, temperature, floor };
      }
    return (others) => apply(others, best);
  },
  // A scale and a shift for each class (Guo et al. 2017), drawn towards the temperature alone by weight decay.
  vectors: (logits, labels, classes) => {
    const temperature = metrics.fitTemperature(logits, labels);
    const scaled = metrics.withTemperature(logits, temperature);
    const [scale, shift] = [new Float64Array(classes).fill(1), new Float64Array(classes)];
    const apply = (some) =>
      softmax(
        some.map((z, i) => z * scale[i % classes] + shift[i % classes]),
        classes,
      );
    for (let step = 0; step < 300; step++) {
      const errors = apply(scaled);
      for (const [row, label] of labels.entries()) errors[row * classes + label] -= 1;
      const [g, h] = [new Float64Array(classes), new Float64Array(classes)];
      for (let i = 0; i < errors.length; i++) {
        g[i % classes] += (errors[i] * scaled[i]) / labels.length;
        h[i % classes] += errors[i] / labels.length;
      }
      for (let k = 0; k < classes; k++) {
        scale[k] -= 0.1 * (g[k] + 0.01 * (scale[k] - 1));
        shift[k] -= 0.1 * (h[k] + 0.01 * shift[k]);
      }
    }
    return (others) => apply(metrics.withTemperature(others, temperature));
  },
};

export function softmax(logits, classes) {
  const result = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classes) {
    const its = logits.subarray(start, start + classes);
    const most = its.reduce((a, b) => Math.max(a, b));
    const powers = its.map((z) => Math.exp(z - most));
    const sum = powers.reduce((a, b) => a + b, 0);
    for (let k = 0; k < classes; k++) result[start + k] = powers[k] / sum;
  }
  return result;
}
