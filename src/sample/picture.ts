// One sample picture: an animal in a lit scene with clutter behind and in front of it, as SVG, and the imperfections of a photograph.

import { type RandomStream, randomStream } from "../core/random.ts";
import { extentOf, figure } from "./body.ts";
import { mix, pick } from "./colours.ts";
import { type Animal, drawLook, type Look } from "./look.ts";
import { drawScene } from "./scene.ts";
import { element, ellipse, gradient, placed, rectangle } from "./svg.ts";

/** A drawing and the imperfections of a photograph of it. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly svg: string;
  /** Raggedness of the edges in pixels, like fur or crayon. */
  readonly ragged: number;
  /** Width of a hair of a ragged edge, in pixels. */
  readonly hair: number;
  /** Standard deviation of the blur in pixels; 0 for none. */
  readonly blur: number;
  /** Factor on each of red, green and blue. */
  readonly light: readonly [number, number, number];
  /** Standard deviation of the noise in each channel, on the scale 0 to 255. */
  readonly noise: number;
  /** Seeds the raggedness and the noise. */
  readonly grain: number;
  /** JPEG quality, 1 to 100. */
  readonly quality: number;
}

/** Draws the picture of an animal for `key`: equal keys give equal pictures. */
export function drawPicture(animal: Animal, ...key: readonly (string | number)[]): Drawing {
  const random = randomStream("sample", animal, ...key);
  const [long, short] = [random.integer(288, 336), random.integer(216, 288)];
  const [width, height] = random.chance(0.65) ? [long, short] : [short, long];
  const look = drawLook(animal, random);
  const scene = drawScene(random, width, height);
  const placing = place(look, random, width, height, scene.horizon);
  const clutter = (count: number, low: number, high: number): string[] =>
    Array.from({ length: count }, () => scene.clutter(random.uniform(0, width), random.uniform(low, high), random.uniform(22, 60)));
  const behind = clutter(random.integer(0, 3), scene.horizon + 4, Math.min(height, scene.horizon + 50));
  // In front, at the feet: clutter may hide paws and tails, but not faces.
  const front = clutter(random.integer(0, 2), height * 0.94, height * 1.08);
  const svg = element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    element("defs", {}, scene.definitions, coatGradients(look), shadeGradient(random)),
    scene.behind,
    ...behind,
    placing.shadow,
    placed(placing, figure(look)),
    ...front,
    rectangle(0, 0, width, height, { fill: "url(#shade)" }),
  );
  const exposure = random.uniform(0.8, 1.15);
  const warmth = random.uniform(-0.1, 0.1);
  return {
    width,
    height,
    svg,
    ragged: random.uniform(0.4, 1.8),
    hair: random.uniform(2.5, 5),
    blur: random.chance(0.35) ? random.uniform(0.4, 0.9) : 0,
    light: [exposure * (1 + warmth), exposure, exposure * (1 - warmth)],
    noise: random.uniform(2, 7),
    grain: random.bits(),
    quality: random.integer(78, 92),
  };
}

interface Placing {
  readonly x: number;
  readonly y: number;
  readonly degrees: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly shadow: string;
}

/** The animal's position, size and direction: large enough to be the subject, and never far outside the picture. */
function place(look: Look, random: RandomStream, width: number, height: number, horizon: number): Placing {
  const extent = extentOf(look.pose);
  const [across, down] = [extent.right - extent.left, extent.bottom - extent.top];
  const fits = Math.min(width / across, height / down);
  const scale = fits * (look.pose === "portrait" ? random.uniform(0.9, 1.2) : random.uniform(0.85, 1.08));
  const side = random.chance(0.5) ? 1 : -1;
  const middle = random.uniform(Math.min(0.5, (across * scale) / 2 / width), Math.max(0.5, 1 - (across * scale) / 2 / width)) * width;
  const x = middle - (side * scale * (extent.left + extent.right)) / 2;
  const room = height - extent.bottom * scale;
  const lowest = look.pose === "portrait" ? height * 0.92 - extent.bottom * scale * random.uniform(0.55, 1) : room;
  const y =
    look.pose === "portrait"
      ? Math.max(lowest, scale * 130)
      : Math.max(
          scale * 110,
          Math.min(room, horizon + (room + extent.bottom * scale - horizon) * random.uniform(0.5, 1) - extent.bottom * scale),
        );
  const ground = y + (extent.bottom - 8) * scale;
  const shadow =
    look.pose === "portrait"
      ? ""
      : ellipse(middle, ground, (across * scale) / 2.3, 13 * scale + 3, { fill: "#000000", opacity: random.uniform(0.12, 0.35) });
  return { x, y, degrees: random.uniform(-7, 7), scaleX: side * scale, scaleY: scale, shadow };
}

/** Fur that is lighter towards the light. */
function coatGradients({ coat }: Look): string {
  const lit = { cx: 0.38, cy: 0.28, r: 0.8 };
  return [
    gradient("radialGradient", { id: "coat", ...lit }, [
      [0, mix(coat.base, "#ffffff", 0.18)],
      [0.55, coat.base],
      [1, mix(coat.base, coat.outline, 0.45)],
    ]),
    gradient("radialGradient", { id: "pale", ...lit }, [
      [0, mix(coat.pale, "#ffffff", 0.3)],
      [1, mix(coat.pale, coat.base, 0.35)],
    ]),
    gradient("linearGradient", { id: "ear", x1: 0, y1: 0, x2: 0, y2: 1 }, [
      [0, mix(coat.base, coat.outline, 0.15)],
      [1, mix(coat.base, coat.outline, 0.5)],
    ]),
  ].join("");
}

/** Light from one side, shade on the other. */
function shadeGradient(random: RandomStream): string {
  const [x1, y1] = [random.uniform(0, 1), random.uniform(0, 1)];
  const [light, dark] = [random.uniform(0, 0.22), random.uniform(0.05, 0.4)];
  return gradient("linearGradient", { id: "shade", x1, y1, x2: 1 - x1, y2: 1 - y1 }, [
    [0, pick(random, ["#fff3d6", "#ffffff", "#e8f2ff"]), light],
    [0.5, "#808080", 0],
    [1, "#0a0a20", dark],
  ]);
}
