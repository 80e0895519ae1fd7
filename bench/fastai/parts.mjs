// What both sides of a whole run see: training and validation photographs, and a test part on which neither side chooses anything.

import { linkSync, mkdirSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { randomStream } from "../../dist/core/random.js";

/** Photographs for validation, and as many for the test part; a class has at least five in each. */
const HELD_OUT = 300;
const LEAST = 5;

/** Paths of the photographs of each class of a set, which has folders of classes, or train and valid with these in them. */
export function photographsOf(root) {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const parts = folders.some(({ name }) => name === "valid") ? folders.map(({ name }) => join(root, name)) : [root];
  const classes = {};
  for (const part of parts)
    for (const { name, parentPath } of readdirSync(part, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())) {
      classes[basename(parentPath)] ??= [];
      classes[basename(parentPath)].push(join(parentPath, name));
    }
  return Object.fromEntries(Object.entries(classes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Photographs of each class that validation and the test part take. */
function heldOut(classes) {
  return Math.max(LEAST, Math.ceil(HELD_OUT / Object.keys(classes).length));
}

/**
 * The numbers of training photographs per class, of those asked for, that a set has: half of its classes at least. What is cut because of
 * that, or because of the most photographs to train on, counts only if it is twice the number before.
 */
export function countsOf(classes, wanted, maxTrain) {
  const sizes = Object.values(classes)
    .map((files) => files.length - 2 * heldOut(classes))
    .sort((a, b) => a - b);
  const most = Math.min(sizes[Math.floor(sizes.length / 2)], Math.floor(maxTrain / sizes.length));
  const counts = [];
  for (const count of wanted) {
    if (count <= most) counts.push(count);
    else if (counts.at(-1) === undefined || most >= 2 * counts.at(-1)) counts.push(most);
    if (count > most) break;
  }
  return counts;
}

/**
 * Draws the three parts with `seed` and links them into `to`: seen/train and seen/valid, and test beside them, which no side looks for by
 * itself. Returns the number of training photographs.
 */
export function linkParts(classes, perClass, seed, to) {
  const held = heldOut(classes);
  let train = 0;
  for (const [label, files] of Object.entries(classes)) {
    const drawn = randomStream(seed, "parts", label).shuffle(files.toSorted());
    const parts = {
      test: drawn.slice(0, held),
      "seen/valid": drawn.slice(held, 2 * held),
      "seen/train": drawn.slice(2 * held, 2 * held + perClass),
    };
    train += parts["seen/train"].length;
    for (const [part, its] of Object.entries(parts)) {
      mkdirSync(join(to, part, label), { recursive: true });
      // Parts of a set may have photographs of the same name.
      for (const file of its) linkSync(file, join(to, part, label, `${basename(dirname(dirname(file)))}-${basename(file)}`));
    }
  }
  return train;
}
