// Things in the scenes other than cats and dogs: clutter, plants, furniture, houses.

import type { RandomStream } from "../core/random.ts";
import { BRIGHTS, MUTED, mix, pick, varied } from "./colours.ts";
import { commands, element, ellipse, path, placed, rectangle } from "./svg.ts";

/** Draws a thing on the ground at (`x`, `y`), about `size` wide. */
export type Clutter = (x: number, y: number, size: number) => string;

/** The results of `make` for 0 to `count` − 1. */
export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

/** Clutter outdoors, in grass of the colour `grass`. */
export function outdoorClutter(random: RandomStream, grass: string): Clutter {
  return (x, y, size) =>
    pick(random, [
      () => ball(x, y, size * 0.5, varied(random, pick(random, BRIGHTS))),
      () => bush(random, x, y, size, mix(grass, "#1f4020", 0.4)),
      () => flowers(random, x, y, size),
      () => ellipse(x, y - size * 0.15, size * 0.5, size * 0.3, { fill: varied(random, "#8d8a86"), stroke: "#5d5a58", "stroke-width": 2 }),
    ])();
}

/** Clutter on a floor. */
export function indoorClutter(random: RandomStream): Clutter {
  return (x, y, size) =>
    pick(random, [
      () => ball(x, y, size * 0.5, varied(random, pick(random, BRIGHTS))),
      () =>
        rectangle(x - size * 0.55, y - size * 0.6, size * 1.1, size * 0.7, {
          fill: varied(random, pick(random, [...MUTED, ...BRIGHTS])),
          rx: size * 0.2,
          stroke: "#5a4a40",
          "stroke-width": 2,
        }),
      () =>
        path(commands`M${x - size * 0.6} ${y - size * 0.3} H${x + size * 0.6} L${x + size * 0.42} ${y} H${x - size * 0.42} Z`, {
          fill: varied(random, pick(random, BRIGHTS)),
          stroke: "#3a3030",
          "stroke-width": 2,
        }),
      () => pot(random, x, y, size),
    ])();
}

/** A cloud centred on (`x`, `y`). */
export function cloud(x: number, y: number, scale: number): string {
  const puffs = [ellipse(0, 0, 34, 15, {}), ellipse(-20, 5, 24, 11, {}), ellipse(24, 5, 28, 11, {})];
  return placed({ x, y, scaleX: scale, scaleY: scale }, element("g", { fill: "#ffffff", opacity: 0.8 }, ...puffs));
}

/** A tree whose trunk stands at (`x`, `y`). */
export function tree(x: number, y: number, scale: number, leaf: string): string {
  const crown = [ellipse(0, -92, 42, 40, {}), ellipse(-28, -66, 30, 28, {}), ellipse(28, -66, 32, 28, {})];
  return placed(
    { x, y, scaleX: scale, scaleY: scale },
    rectangle(-8, -60, 16, 60, { fill: "#6b4a33" }),
    element("g", { fill: leaf }, ...crown),
  );
}

/** Tufts of grass all over the ground from `top` to `bottom`. */
export function tufts(random: RandomStream, width: number, top: number, bottom: number, colour: string): string[] {
  return times(24, () => {
    const [x, y] = [random.uniform(0, width), random.uniform(top, bottom)];
    return path(
      commands`M${x - 4} ${y} L${x - 5} ${y - 9} L${x - 1} ${y} L${x + 1} ${y - 12} L${x + 3} ${y} L${x + 7} ${y - 8} L${x + 6} ${y} Z`,
      { fill: colour, opacity: 0.6 },
    );
  });
}

function bush(random: RandomStream, x: number, y: number, size: number, colour: string): string {
  return times(4, (i) =>
    ellipse(x + (i - 1.5) * size * 0.3, y - size * random.uniform(0.1, 0.35), size * 0.3, size * 0.32, {
      fill: mix(colour, "#c5d88a", random.uniform(0, 0.3)),
    }),
  ).join("");
}

function flowers(random: RandomStream, x: number, y: number, size: number): string {
  const colour = pick(random, BRIGHTS);
  return times(5, (i) => {
    const [at, height] = [x + (i - 2) * size * 0.25, y - size * random.uniform(0.4, 0.9)];
    return (
      path(commands`M${at} ${y} L${at + 2} ${height}`, { stroke: "#4c7a3a", "stroke-width": 2.5 }) +
      ellipse(at + 2, height, size * 0.1, size * 0.1, { fill: colour }) +
      ellipse(at + 2, height, size * 0.04, size * 0.04, { fill: "#fff3b0" })
    );
  }).join("");
}

function ball(x: number, y: number, radius: number, colour: string): string {
  return (
    ellipse(x, y - radius, radius, radius, { fill: colour, stroke: mix(colour, "#000000", 0.4), "stroke-width": 2 }) +
    path(commands`M${x - radius} ${y - radius} Q${x} ${y - radius * 0.4} ${x + radius} ${y - radius}`, {
      fill: "none",
      stroke: mix(colour, "#ffffff", 0.6),
      "stroke-width": radius * 0.2,
    })
  );
}

function pot(random: RandomStream, x: number, y: number, size: number): string {
  const leaf = varied(random, "#5a8f4f");
  const leaves = times(5, (i) =>
    placed(
      { x, y: y - size * 0.5, degrees: (i - 2) * 32 },
      ellipse(0, -size * 0.45, size * 0.13, size * 0.45, { fill: mix(leaf, "#1f3a1f", i * 0.08) }),
    ),
  );
  return (
    leaves.join("") +
    path(commands`M${x - size * 0.4} ${y - size * 0.55} H${x + size * 0.4} L${x + size * 0.28} ${y} H${x - size * 0.28} Z`, {
      fill: varied(random, "#c0683f"),
      stroke: "#6a3a24",
      "stroke-width": 2,
    })
  );
}

/** A framed picture with its top left corner at (`x`, `y`). */
export function framed(random: RandomStream, x: number, y: number): string {
  const [width, height] = [random.uniform(40, 80), random.uniform(40, 70)];
  return (
    rectangle(x, y, width, height, { fill: "#f4efe4", stroke: "#6a4a30", "stroke-width": 5 }) +
    ellipse(x + width / 2, y + height * 0.55, width * 0.28, height * 0.25, { fill: pick(random, BRIGHTS), opacity: 0.8 })
  );
}

/** A window with its top left corner at (`x`, `y`), `size` wide. */
export function windowPane(x: number, y: number, size: number): string {
  return (
    rectangle(x, y, size, size * 1.1, { fill: "#bfe0f0", stroke: "#ffffff", "stroke-width": 7 }) +
    path(commands`M${x + size / 2} ${y} V${y + size * 1.1} M${x} ${y + size * 0.55} H${x + size}`, { stroke: "#ffffff", "stroke-width": 4 })
  );
}

/** A standard lamp at (`x`, `y`). */
export function lamp(x: number, y: number, scale: number, colour: string): string {
  return placed(
    { x, y, scaleX: scale, scaleY: scale },
    rectangle(-3, -110, 6, 112, { fill: "#5a5048" }),
    path("M-34 -100 L-20 -150 H20 L34 -100 Z", { fill: mix(colour, "#fff2c8", 0.5) }),
  );
}

/** A sofa whose left foot stands at (`x`, `y`). */
export function sofa(x: number, y: number, width: number, colour: string): string {
  const edge = { fill: colour, stroke: mix(colour, "#000000", 0.4), "stroke-width": 2 };
  return (
    rectangle(x, y - 95, width, 80, { ...edge, rx: 18 }) +
    rectangle(x - 12, y - 50, width + 24, 46, { ...edge, fill: mix(colour, "#000000", 0.12), rx: 14 })
  );
}

/** Books on a shelf at (`x`, `y`). */
export function shelf(random: RandomStream, x: number, y: number): string {
  const books = times(7, (i) => {
    const height = random.uniform(24, 40);
    return rectangle(x + 6 + i * 12, y - height, 10, height, { fill: varied(random, pick(random, BRIGHTS)) });
  });
  return books.join("") + rectangle(x, y, 100, 7, { fill: "#7a5a3e" });
}

/** A house whose left corner stands at (`x`, `y`); a window is bright if `lit`. */
export function house(x: number, y: number, width: number, height: number, colour: string, lit: boolean): string {
  return (
    path(commands`M${x} ${y} V${y - height} L${x + width / 2} ${y - height - 18} L${x + width} ${y - height} V${y} Z`, { fill: colour }) +
    (lit ? rectangle(x + width * 0.35, y - height * 0.7, 9, 11, { fill: "#f6d98a" }) : "")
  );
}
