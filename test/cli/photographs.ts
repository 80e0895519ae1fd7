// A small folder of real photographs for the command line's tests, and the arguments that train on it quickly.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Photographs {
  readonly root: string;
  /** `thaw train` on the photographs: small images and batches; the model goes to <root>/model. */
  readonly train: readonly string[];
  remove(): void;
}

/** Copies a few photographs of each class out of the folder `shared` into a new one. */
export function copyPhotographs(shared: string): Photographs {
  const root = mkdtempSync(join(tmpdir(), "thaw-"));
  for (const [part, count] of [
    ["train", 16],
    ["valid", 6],
  ] as const) {
    for (const name of ["cats", "dogs"]) {
      const [from, to] = [join(shared, "data", "dogscats", part, name), join(root, "photos", part, name)];
      mkdirSync(to, { recursive: true });
      for (const file of readdirSync(from).sort().slice(0, count)) cpSync(join(from, file), join(to, file));
    }
  }
  const weights = join(shared, "weights", "mobilenet_v2.safetensors");
  const train = [
    "train",
    join(root, "photos"),
    "--arch",
    "mobilenet_v2",
    "--weights",
    weights,
    "--size",
    "32",
    "--bs",
    "8",
    "--out",
    join(root, "model"),
  ];
  return { root, train, remove: () => rmSync(root, { recursive: true }) };
}
