// The table of the networks that thaw can build, by torchvision's names, or timm's if torchvision does not have the network.
// docs/architectures.md describes each.

import { UsageError } from "../core/errors.ts";
import { convNextBase, convNextSmall, convNextTiny } from "./architectures/convnext.ts";
import { densenet121, densenet161, densenet169, densenet201 } from "./architectures/densenet.ts";
import { efficientNetB0, efficientNetB1, efficientNetB2, efficientNetB3 } from "./architectures/efficientnet.ts";
import { efficientNetLite0, tfEfficientNetLite0, tfEfficientNetLite1, tfEfficientNetLite2 } from "./architectures/efficientnet-lite.ts";
import { hgNetV2B0, hgNetV2B2, hgNetV2B4 } from "./architectures/hgnet-v2.ts";
import { inceptionResNetV2 } from "./architectures/inception-resnet-v2.ts";
import { inceptionV4 } from "./architectures/inception-v4.ts";
import { levit256 } from "./architectures/levit.ts";
import { mobileNetV2 } from "./architectures/mobilenet-v2.ts";
import { mobileNetV3Large } from "./architectures/mobilenet-v3.ts";
import { mobileNetV4ConvSmall, mobileNetV4HybridMedium } from "./architectures/mobilenet-v4.ts";
import { nasNetALarge } from "./architectures/nasnet.ts";
import {
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50x32x4d,
  resnext101x32x4d,
  resnext101x64x4d,
  wideResnet50x2,
} from "./architectures/resnet.ts";
import { squeezeNet11 } from "./architectures/squeezenet.ts";
import { thawSmall } from "./architectures/thaw-small.ts";
import { thawSmallFirst } from "./architectures/thaw-small-first.ts";
import { tinyVit21m } from "./architectures/tiny-vit.ts";
import { vgg16, vgg19 } from "./architectures/vgg.ts";
import { vitBase, vitBaseDinoV2, vitSmall, vitSmallDinoV2 } from "./architectures/vision-transformer.ts";
import type { Architecture } from "./scope.ts";

/** Every network that thaw can build: its own first, then by family. */
export const architectures: readonly Architecture[] = [
  thawSmall,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50x32x4d,
  resnext101x32x4d,
  resnext101x64x4d,
  wideResnet50x2,
  vgg16,
  vgg19,
  densenet121,
  densenet161,
  densenet169,
  densenet201,
  inceptionV4,
  inceptionResNetV2,
  nasNetALarge,
  squeezeNet11,
  mobileNetV2,
  mobileNetV3Large,
  mobileNetV4ConvSmall,
  mobileNetV4HybridMedium,
  efficientNetB0,
  efficientNetB1,
  efficientNetB2,
  efficientNetB3,
  efficientNetLite0,
  tfEfficientNetLite0,
  tfEfficientNetLite1,
  tfEfficientNetLite2,
  hgNetV2B0,
  hgNetV2B2,
  hgNetV2B4,
  convNextTiny,
  convNextSmall,
  convNextBase,
  levit256,
  tinyVit21m,
  vitSmall,
  vitBase,
  vitSmallDinoV2,
  vitBaseDinoV2,
];

/** Networks that models were saved with and no new ones are made of. */
const EARLIER: readonly Architecture[] = [thawSmallFirst];

/** The architecture called `name`, also if no new models are made of it; throws a UsageError that lists the known names and suggests the nearest. */
export function architectureOf(name: string): Architecture {
  const found = [...architectures, ...EARLIER].find((architecture) => architecture.name === name);
  if (found) return found;
  const near = nearest(name);
  const known = `The networks are ${architectures.map((architecture) => architecture.name).join(", ")}.`;
  throw new UsageError(`There is no network "${name}"`, near.length === 0 ? known : `Did you mean ${near.join(" or ")}? ${known}`);
}

/** Maximum number of suggested names. */
const SUGGESTED = 3;

/** The known names that `name` may mean, by letters and digits: those that contain it, or else the nearest by edit distance. */
function nearest(name: string): readonly string[] {
  const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const typed = letters(name);
  const candidates = architectures.map((architecture) => ({
    name: architecture.name,
    holds: typed.length >= 3 && letters(architecture.name).includes(typed),
    distance: editDistance(typed, letters(architecture.name)),
  }));
  const byDistance = candidates.toSorted((a, b) => a.distance - b.distance);
  const best = byDistance[0];
  if (best?.distance === 0) return [best.name];
  const holding = byDistance.filter(({ holds }) => holds).slice(0, SUGGESTED);
  if (holding.length > 0) return holding.map((candidate) => candidate.name);
  // If more than a third of the letters differ, it is a different word.
  return best !== undefined && best.distance * 3 <= letters(best.name).length ? [best.name] : [];
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
