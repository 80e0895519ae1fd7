// Scores of how known a feature vector is to a training set, higher for better known; each needs little beside the model.

import { randomStream } from "../../dist/core/random.js";
import { metrics } from "../../dist/index.js";

/** Principal directions of the features within their classes. */
const RANK = 64;
const NEIGHBOURS = 10;

/** Of each of `names` the values of the validation images of `set`, and those of the images of `other`. */
export function scoresOf(set, other, names) {
  return Object.fromEntries(names.map((name) => [name, SCORES[name](set, other)]));
}

const SCORES = {
  "diagonal Mahalanobis": (set, other) => {
    const known = metrics.fitKnownClasses(set.train.values, set.train.labels, set.classes);
    return [set.valid, other.train].map(({ values }) => metrics.distancesToKnown(values, known).map((distance) => -distance));
  },
  "cosine to class means": (set, other) => {
    const { means, both } = standardised(set, other);
    return both((row) => Math.max(...means.map((centre) => cosine(row, centre))));
  },
  "nearest neighbours": (set, other) => {
    const { train, valid, strange } = standardised(set, other);
    return neighbours(train, [valid, strange], set.width);
  },
  // What the directions leave, spread evenly over the others (Tipping and Bishop 1999).
  "low-rank Mahalanobis": (set, other) => {
    const { width, train: of } = set;
    const { train, means, both } = standardised(set, other);
    const centred = train.map((value, i) => value - means[of.labels[Math.floor(i / width)]][i % width]);
    const total = centred.reduce((sum, value) => sum + value * value, 0) / of.labels.length;
    const { directions, variances } = principal(centred, width, RANK);
    const projectedMeans = means.map((centre) => directions.map((direction) => dot(centre, direction)));
    const rest = (total - variances.reduce((a, b) => a + b, 0)) / (width - RANK);
    return both((row) => {
      const projected = directions.map((direction) => dot(row, direction));
      const distance = (centre, k) => {
        let [inside, far] = [0, squared(row, centre)];
        for (const [j, value] of projected.entries()) {
          const difference = (value - projectedMeans[k][j]) ** 2;
          far -= difference;
          inside += difference / variances[j];
        }
        return inside + far / rest;
      };
      return -Math.min(...means.map(distance));
    });
  },
};

/** The features of both sets in standard deviations of the training images, and the means of the classes. */
function standardised(set, other) {
  const { width } = set;
  const { mean, scale } = columns(set.train.values, width);
  const [train, valid, strange] = [set.train, set.valid, other.train].map(({ values }) =>
    values.map((value, i) => (value - mean[i % width]) * scale[i % width]),
  );
  const both = (score) => [valid, strange].map((values) => rowsOf(values, width).map(score));
  return { train, valid, strange, means: classMeans(train, set), both };
}

function columns(values, width) {
  const rows = values.length / width;
  const [mean, square] = [new Float64Array(width), new Float64Array(width)];
  for (let i = 0; i < values.length; i++) mean[i % width] += values[i] / rows;
  for (let i = 0; i < values.length; i++) square[i % width] += (values[i] - mean[i % width]) ** 2 / rows;
  return { mean, scale: square.map((value) => (value > 1e-12 ? 1 / Math.sqrt(value) : 0)) };
}

function rowsOf(values, width) {
  return Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));
}

function classMeans(values, { width, classes, train: { labels } }) {
  const [means, counts] = [Array.from({ length: classes }, () => new Float32Array(width)), new Array(classes).fill(0)];
  for (const [row, label] of labels.entries()) {
    counts[label]++;
    for (let i = 0; i < width; i++) means[label][i] += values[row * width + i];
  }
  return means.map((mean, label) => mean.map((value) => value / counts[label]));
}

/** The mean cosine to the nearest training images (Sun et al. 2022). */
function neighbours(train, parts, width) {
  const unit = (row) => {
    const length = Math.sqrt(dot(row, row));
    return row.map((value) => value / length);
  };
  const known = rowsOf(train, width).map(unit);
  return parts.map((values) =>
    rowsOf(values, width).map((row) => {
      const its = unit(row);
      const nearest = known.map((one) => dot(one, its)).sort((a, b) => b - a);
      return nearest[NEIGHBOURS - 1];
    }),
  );
}

/** The directions with the most variance, by block power iteration from a fixed start. */
function principal(values, width, rank) {
  const rows = rowsOf(values, width);
  const random = randomStream(1, "directions");
  let directions = Array.from({ length: rank }, () => Float32Array.from({ length: width }, () => random.normal()));
  let lengths = [];
  for (let round = 0; round < 6; round++) {
    [directions, lengths] = orthonormal(directions);
    if (round === 5) break;
    const next = directions.map(() => new Float32Array(width));
    for (const row of rows)
      for (let j = 0; j < rank; j++) {
        const p = dot(row, directions[j]) / rows.length;
        for (let i = 0; i < width; i++) next[j][i] += p * row[i];
      }
    directions = next;
  }
  return { directions, variances: lengths };
}

function orthonormal(vectors) {
  const [result, lengths] = [[], []];
  for (const vector of vectors) {
    const left = vector.slice();
    for (const one of result) {
      const p = dot(left, one);
      for (let i = 0; i < left.length; i++) left[i] -= p * one[i];
    }
    const length = Math.sqrt(dot(left, left));
    lengths.push(length);
    result.push(left.map((value) => value / length));
  }
  return [result, lengths];
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function squared(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

function cosine(a, b) {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
