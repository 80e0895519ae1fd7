// What a recipe needs to know about a data set.

import { hashJson } from "../../core/hash.ts";
import type { ImageDataset, ListedDataset } from "../../data/dataset/dataset.ts";
import { TARGET_KINDS } from "../../data/dataset/targets.ts";
import type { Facts } from "../choices/choice.ts";

/** What the choices depend on, on a machine that runs `cores` threads at once. */
export function factsOf({ kind, train, classes }: ListedDataset, cores: number): Facts {
  const counts = classes.map(() => 0);
  for (const { label } of train) counts[label] = (counts[label] ?? 0) + 1;
  return { train: train.length, classCounts: TARGET_KINDS[kind].exclusive ? counts : [], cores };
}

/** A hash of all that training and validation see: names, contents and labels. */
export function datasetFingerprint({ kind, classes, train, valid }: ImageDataset): string {
  const items = [train, valid].map((part) => part.map(({ name, hash, label, labels, values }) => [name, hash, label, labels, values]));
  return hashJson([kind, classes, items]);
}
