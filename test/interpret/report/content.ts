// A report's content with any number of classes and images, and with names that would break a page that does not escape them.

import { randomStream } from "../../../src/core/index.ts";
import type { Predictions } from "../../../src/index.ts";
import type { ReportContent } from "../../../src/interpret/report/content.ts";

export const HOSTILE = `<script>document.title="broken"</script><img src=x onerror="document.title='broken'">'"&`;

/** Predictions that are right for about four images in five. */
function predictionsOf(classes: number, images: number): Predictions {
  const random = randomStream("report", classes, images);
  const targets = Int32Array.from({ length: images }, (_, i) => i % classes);
  const probabilities = new Float32Array(images * classes);
  for (const [row, target] of targets.entries()) {
    const said = random.chance(0.8) ? target : random.integer(0, classes - 1);
    const sure = random.uniform(0.4, 1);
    for (let label = 0; label < classes; label++) probabilities[row * classes + label] = (label === said ? sure : 0) + (1 - sure) / classes;
  }
  const files = Array.from(targets, (target, i) => `valid/${i % 7 === 0 ? HOSTILE : `class ${target}`}/${i}.jpg`);
  return { files, targets, probabilities, loss: 0.5, accuracy: 0.8 };
}

export function contentOf(count: number, images: number): ReportContent {
  const classes = Array.from({ length: count }, (_, i) => (i === 0 ? HOSTILE : `class ${i} with a rather long name`));
  const predictions = predictionsOf(count, images);
  const steps = Array.from({ length: 100 }, (_, i) => i);
  const lrs = steps.map((i) => 1e-5 * 10 ** (i / 17));
  const losses = steps.map((i) => 1 / (1 + Math.exp((i - 50) / 8)) + (i > 90 ? (i - 90) / 10 : 0));
  const epochs = [0.7, 0.78, 0.8].map((accuracy, i) => ({ trainLoss: 1 / (i + 1), validLoss: 1.1 / (i + 1), accuracy }));
  return {
    title: HOSTILE,
    model: { architecture: "mobilenet_v2", size: 224, parameters: 3_500_000, bytes: 14_000_000, imagesPerSecond: 123 },
    classes,
    train: 4 * images,
    valid: images,
    stages: [
      { name: "precompute", accuracy: 0.78, seconds: 12, kept: true },
      { name: "augment", accuracy: 0.8, seconds: 95, kept: true },
      { name: "unfreeze", accuracy: 0.79, seconds: 240, kept: false },
    ],
    history: [
      { name: "precompute", epochs },
      { name: "augment", epochs },
    ],
    finders: [{ stage: "precompute", lrs, losses, suggestions: { valley: 1e-3, slide: 1e-2, minimum: 1e-2, steep: 1e-3 } }],
    schedules: [{ stage: "precompute", lrs, losses }],
    predictions,
    ttaAccuracy: 0.82,
    problems: {
      images,
      labels: predictions.files
        .slice(0, 40)
        .map((file, i) => ({ file, given: classes[0]!, suggested: classes[1]!, score: 1 - i / 40, likely: i < 20 })),
      duplicates: [{ files: [predictions.files[0]!, predictions.files[1]!], similarity: 0.99, leak: true, conflict: false }],
      outliers: [],
    },
    settings: { seed: 42, note: HOSTILE },
    command: `thaw train '${HOSTILE}' --recipe recipe.json`,
  };
}
