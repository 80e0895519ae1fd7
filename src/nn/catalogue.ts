// The table of the networks that thaw knows, by torchvision's names.

import { UsageError } from "../core/errors.ts";
import { mobileNetV2 } from "./mobilenet-v2.ts";
import { resnet18, resnet34, resnet50 } from "./resnet.ts";
import type { Architecture } from "./scope.ts";
import { squeezeNet11 } from "./squeezenet.ts";
import { thawSmall } from "./thaw-small.ts";

/** Every network that thaw can build, its own first, then the smallest ResNet. */
export const architectures: readonly Architecture[] = [thawSmall, resnet18, resnet34, resnet50, mobileNetV2, squeezeNet11];

/** The architecture called `name`; throws a UsageError that lists the known names and suggests the nearest. */
export function architectureOf(name: string): Architecture {
  const found = architectures.find((architecture) => architecture.name === name);
  if (found) return found;
  const near = nearest(name);
  const known = `The networks are ${architectures.map((architecture) => architecture.name).join(", ")}.`;
  throw new UsageError(`There is no network "${name}"`, near === undefined ? known : `Did you mean ${near}? ${known}`);
}

/** The known name closest to `name` in letters and digits; undefined where more than a third of them differ. */
function nearest(name: string): string | undefined {
  const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const distances = architectures.map((architecture) => ({
    name: architecture.name,
    distance: editDistance(letters(name), letters(architecture.name)),
  }));
  const best = distances.reduce((a, b) => (b.distance < a.distance ? b : a));
  return best.distance * 3 <= letters(best.name).length ? best.name : undefined;
}

/** Letters to insert, delete or replace to turn `a` into `b` (Levenshtein 1965). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
