// A set of photographs divided into training and validation.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Every photograph with its class and whether it is for validation: by folder, or a fifth of each class, another fifth for each seed. */
export function itemsOf(root, seed) {
  const images = (folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((name) => `${folder}/${name}`);
  const classesIn = (folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort();
  if (existsSync(join(root, "valid")))
    return ["train", "valid"].flatMap((part) =>
      classesIn(part).flatMap((label) => images(`${part}/${label}`).map((file) => ({ file, label, valid: part === "valid" }))),
    );
  return classesIn(".").flatMap((label) => images(label).map((file, i) => ({ file, label, valid: i % 5 === seed % 5 })));
}
