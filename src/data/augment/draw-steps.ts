// The dice of each augmentation: from what may happen to what does.

import type { RandomStream } from "../../core/random.ts";
import type { Box } from "../pixels/resample.ts";
import { logit } from "./colour.ts";
import { drawRandAugment, drawTrivialAugment } from "./policy.ts";
import type { AugmentSpec, Border, SpecOf } from "./specs.ts";
import type { Move, Step } from "./steps.ts";

/** Draws what `augment` does to a canvas [width, height] of which `size` × `size` pixels will be seen; nothing where chance says so. */
export function drawSteps(augment: AugmentSpec, canvas: readonly [number, number], size: number, random: RandomStream): readonly Step[] {
  switch (augment.kind) {
    case "pad":
      return augment.pixels > 0 ? [{ kind: "pad", pixels: augment.pixels, border: augment.mode ?? "reflect" }] : [];
    case "lighting": {
      const brightness = random.uniform(-augment.brightness, augment.brightness);
      const change = random.uniform(-augment.contrast, augment.contrast);
      const contrast = change >= 0 ? 1 + change : 1 / (1 - change);
      return brightness === 0 && contrast === 1 ? [] : [{ kind: "light", brightness, contrast }];
    }
    case "dihedral":
      return augment.p === undefined || random.chance(augment.p) ? drawDihedral(random) : [];
    case "rotateZoom":
      return drawRotateZoom(augment, random);
    case "perspective":
      return drawPerspective(augment, random);
    case "trivialAugment":
      return drawTrivialAugment(augment.mode ?? "zero", random);
    case "randAugment":
      return drawRandAugment(augment.count, augment.magnitude, augment.mode ?? "zero", size, random);
    default:
      return random.chance(augment.p) ? drawCertain(augment, canvas, random) : [];
  }
}

type Likely = "rotate" | "flip" | "zoom" | "stretch" | "blur" | "cutout" | "brightness" | "contrast" | "saturation" | "hue" | "erase";

function drawCertain(augment: SpecOf<Likely>, [width, height]: readonly [number, number], random: RandomStream): readonly Step[] {
  switch (augment.kind) {
    case "rotate":
      return [drawRotation(augment.degrees, augment.mode, random)];
    case "flip":
      return [{ kind: "flip" }];
    case "zoom": {
      const factor = 1 + random.uniform(augment.min ?? 0, augment.max);
      const [across, down] = augment.anywhere ? [random.uniform(0, 1), random.uniform(0, 1)] : [0.5, 0.5];
      return [{ kind: "zoom", x: factor, y: factor, across, down }];
    }
    case "stretch":
      return [drawStretch(augment.max, random)];
    case "blur":
      return [{ kind: "blur", strength: augment.strengths[random.integer(0, augment.strengths.length - 1)]! }];
    case "cutout":
      return [{ kind: "holes", boxes: Array.from({ length: augment.holes }, () => drawHole(width, height, augment.length, random)) }];
    case "erase":
      return drawErased(augment, width, height, random);
    case "hue":
      return [{ kind: "hue", turn: random.uniform(-augment.max, augment.max) }];
    case "saturation":
      return [{ kind: "saturation", factor: random.uniform(1 - augment.max, 1 + augment.max) }];
    case "brightness":
      if (augment.scale !== "logit") return [{ kind: "brightness", factor: random.uniform(1 - augment.max, 1 + augment.max) }];
      return [{ kind: "logit", shift: logit(random.uniform((1 - augment.max) / 2, (1 + augment.max) / 2)), factor: 1 }];
    case "contrast": {
      if (augment.scale !== "logit") return [{ kind: "contrast", factor: random.uniform(1 - augment.max, 1 + augment.max) }];
      const most = -Math.log(1 - augment.max);
      return [{ kind: "logit", shift: 0, factor: Math.exp(random.uniform(-most, most)) }];
    }
  }
}

function drawRotation(degrees: number, border: Border = "reflect", random: RandomStream): Move {
  return { kind: "rotate", degrees: random.uniform(-degrees, degrees), border };
}

function drawStretch(max: number, random: RandomStream): Move {
  const factor = 1 + random.uniform(0, max);
  const [x, y] = random.chance(0.5) ? [factor, 1] : [1, factor];
  return { kind: "zoom", x, y, across: 0.5, down: 0.5 };
}

function drawDihedral(random: RandomStream): readonly Move[] {
  const quarters = random.integer(0, 3);
  const flip: readonly Move[] = random.chance(0.5) ? [{ kind: "flip" }] : [];
  return quarters === 0 ? flip : [{ kind: "turn", quarters }, ...flip];
}

function drawRotateZoom({ degrees, zoom, stretch, ps, mode }: SpecOf<"rotateZoom">, random: RandomStream): readonly Move[] {
  const choice = random.uniform(0, 1);
  if (choice < ps[0]) return [drawRotation(degrees, mode, random)];
  if (choice < ps[0] + ps[1]) {
    const factor = 1 + random.uniform(0, zoom);
    return [{ kind: "zoom", x: factor, y: factor, across: 0.5, down: 0.5 }];
  }
  return choice < ps[0] + ps[1] + ps[2] ? [drawStretch(stretch, random)] : [];
}

function drawPerspective({ magnitude, p, mode = "reflect" }: SpecOf<"perspective">, random: RandomStream): readonly Move[] {
  const tilt = () => (random.chance(p) ? random.uniform(-magnitude, magnitude) : 0);
  const [x, y] = [tilt(), tilt()];
  return x === 0 && y === 0 ? [] : [{ kind: "perspective", x, y, border: mode }];
}

function drawHole(width: number, height: number, length: number, random: RandomStream): Box {
  const half = Math.floor(length / 2);
  const span = (side: number) => {
    const centre = random.integer(0, side - 1);
    return [Math.max(0, centre - half), Math.min(side, centre + half)] as const;
  };
  const [[left, right], [top, bottom]] = [span(width), span(height)];
  return { left, top, width: right - left, height: bottom - top };
}

function drawErased({ scale, ratio, fill }: SpecOf<"erase">, width: number, height: number, random: RandomStream): readonly Step[] {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = random.uniform(scale[0], scale[1]) * width * height;
    const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const [down, across] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (across >= width || down >= height) continue;
    const box = { left: random.integer(0, width - across), top: random.integer(0, height - down), width: across, height: down };
    return [{ kind: "erase", box, fill: fill === "noise" ? { noise: random.bits() } : fill }];
  }
  return [];
}
