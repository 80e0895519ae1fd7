// Scenes: the background, and the clutter behind and in front of an animal. The same for cats and dogs.

import type { RandomStream } from "../core/random.ts";
import { BRIGHTS, MUTED, mix, pick, varied } from "./colours.ts";
import { commands, element, ellipse, gradient, path, rectangle } from "./svg.ts";
import {
  type Clutter,
  cloud,
  framed,
  house,
  indoorClutter,
  lamp,
  outdoorClutter,
  shelf,
  sofa,
  times,
  tree,
  tufts,
  windowPane,
} from "./things.ts";

export interface Scene {
  /** Definitions that `behind` refers to. */
  readonly definitions: string;
  readonly behind: string;
  /** The y at which the ground begins. */
  readonly horizon: number;
  /** Draws an object that fits the scene. */
  readonly clutter: Clutter;
}

type Maker = (random: RandomStream, width: number, height: number) => Scene;

/** Draws a scene of `width` by `height` pixels. */
export function drawScene(random: RandomStream, width: number, height: number): Scene {
  return pick(random, [meadow, meadow, room, room, garden, studio, shore, evening])(random, width, height);
}

const meadow: Maker = (random, width, height) => {
  const horizon = height * random.uniform(0.4, 0.7);
  const [sky, grass] = [
    varied(random, pick(random, ["#8cc4ea", "#b9d7e8", "#d9e3e6", "#f2d3b0"])),
    varied(random, pick(random, ["#6fa84f", "#8fb35a", "#b8a860", "#5d8f52"])),
  ];
  const hill = mix(grass, sky, 0.45);
  const [top, treeAt] = [random.uniform(0.05, 0.25) * height, random.uniform(0, width)];
  return {
    definitions: vertical("sky", mix(sky, "#ffffff", 0.1), mix(sky, "#ffffff", 0.6)) + vertical("grass", grass, mix(grass, "#1c3012", 0.3)),
    behind: [
      rectangle(0, 0, width, height, { fill: "url(#sky)" }),
      random.chance(0.4) ? ellipse(random.uniform(0, width), top, height * 0.07, height * 0.07, { fill: "#ffe9a0" }) : "",
      ...times(random.integer(0, 3), () => cloud(random.uniform(0, width), random.uniform(0, horizon * 0.6), random.uniform(0.5, 1.2))),
      path(
        commands`M0 ${horizon} Q${width * random.uniform(0.1, 0.4)} ${horizon - random.uniform(10, 70)} ${width * 0.6} ${horizon} T${width} ${horizon - 20} V${height} H0 Z`,
        { fill: hill },
      ),
      random.chance(0.6) ? tree(treeAt, horizon + 6, random.uniform(0.6, 1.5), mix(grass, "#1f4020", random.uniform(0.2, 0.6))) : "",
      rectangle(0, horizon, width, height - horizon, { fill: "url(#grass)" }),
      ...tufts(random, width, horizon + 4, height, mix(grass, "#20400f", 0.35)),
    ].join(""),
    horizon,
    clutter: outdoorClutter(random, grass),
  };
};

const garden: Maker = (random, width, height) => {
  const horizon = height * random.uniform(0.5, 0.72);
  const wood = varied(random, pick(random, ["#b58a5c", "#e9e4da", "#7c8a94", "#8c5f3f"]));
  const plank = random.uniform(16, 34);
  const grass = varied(random, "#7ba656");
  const fence = horizon - height * random.uniform(0.25, 0.5);
  const planks = times(Math.ceil(width / plank) + 1, (i) =>
    path(
      commands`M${i * plank + 1} ${horizon + 4} V${fence + 8} L${i * plank + plank / 2} ${fence} L${(i + 1) * plank - 2} ${fence + 8} V${horizon + 4} Z`,
      {
        fill: mix(wood, "#2a1a10", random.uniform(0, 0.18)),
        stroke: mix(wood, "#2a1a10", 0.45),
        "stroke-width": 1,
      },
    ),
  );
  return {
    definitions: vertical("sky", "#a9d0e6", "#e6eef0") + vertical("grass", grass, mix(grass, "#1c3012", 0.35)),
    behind: [
      rectangle(0, 0, width, height, { fill: "url(#sky)" }),
      ...times(3, () =>
        ellipse(random.uniform(0, width), fence + random.uniform(-10, 30), random.uniform(30, 80), random.uniform(25, 60), {
          fill: mix("#4f7f46", "#9fbf6a", random.uniform(0, 1)),
        }),
      ),
      ...planks,
      rectangle(0, fence + 22, width, 7, { fill: mix(wood, "#2a1a10", 0.3) }),
      rectangle(0, horizon, width, height - horizon, { fill: "url(#grass)" }),
      ...tufts(random, width, horizon, height, mix(grass, "#20400f", 0.35)),
    ].join(""),
    horizon,
    clutter: outdoorClutter(random, grass),
  };
};

const room: Maker = (random, width, height) => {
  const horizon = height * random.uniform(0.5, 0.75);
  const [wall, floor] = [
    varied(random, pick(random, MUTED)),
    varied(random, pick(random, ["#b58b62", "#8f6a4a", "#c9b9a0", "#7d7f86", "#d8cbb8"])),
  ];
  const [accent, step] = [mix(wall, pick(random, BRIGHTS), random.uniform(0.1, 0.35)), random.uniform(16, 40)];
  const papers = [
    () => times(Math.ceil(width / step), (i) => rectangle(i * step, 0, step / 2, horizon, { fill: accent })),
    () =>
      times(Math.ceil(width / step) * 6, (i) =>
        ellipse(((i * 7) % 23) * step * 0.6, Math.floor(i / 6) * step * 0.7, 3.5, 3.5, { fill: accent }),
      ).slice(0, 90),
    () => [],
  ];
  const furniture = [
    () => framed(random, random.uniform(0.05, 0.75) * width, random.uniform(0.03, 0.2) * height),
    () => windowPane(random.uniform(0.05, 0.6) * width, height * 0.05, random.uniform(70, 130)),
    () => lamp(random.uniform(0.1, 0.9) * width, horizon, random.uniform(0.8, 1.3), pick(random, BRIGHTS)),
    () =>
      sofa(
        random.uniform(-0.2, 0.5) * width,
        horizon + 14,
        width * random.uniform(0.5, 0.8),
        varied(random, pick(random, [...MUTED, ...BRIGHTS])),
      ),
    () => shelf(random, random.uniform(0, 0.6) * width, height * random.uniform(0.1, 0.3)),
  ];
  return {
    definitions: vertical("floor", floor, mix(floor, "#000000", 0.25)),
    behind: [
      rectangle(0, 0, width, horizon, { fill: wall }),
      ...element("g", { opacity: 0.7 }, ...pick(random, papers)(), ""),
      rectangle(0, horizon, width, height - horizon, { fill: "url(#floor)" }),
      ...times(5, (i) =>
        path(commands`M0 ${horizon + (i * i * (height - horizon)) / 16} H${width}`, {
          stroke: mix(floor, "#2a1a10", 0.35),
          "stroke-width": 1,
        }),
      ),
      rectangle(0, horizon - 7, width, 9, { fill: mix(wall, "#ffffff", 0.6) }),
      ...random
        .shuffle(furniture)
        .slice(0, random.integer(1, 3))
        .map((make) => make()),
      random.chance(0.6)
        ? ellipse(
            width * random.uniform(0.3, 0.7),
            (horizon + height * 1.05) / 2,
            width * random.uniform(0.3, 0.6),
            (height - horizon) * 0.4,
            { fill: varied(random, pick(random, [...BRIGHTS, ...MUTED])), opacity: 0.8 },
          )
        : "",
    ].join(""),
    horizon,
    clutter: indoorClutter(random),
  };
};

const studio: Maker = (random, width, height) => {
  const colour = varied(random, pick(random, [...MUTED, ...BRIGHTS]));
  const horizon = height * 0.7;
  return {
    definitions: gradient("radialGradient", { id: "studio", cx: random.uniform(0.2, 0.8), cy: random.uniform(0.1, 0.6), r: 0.9 }, [
      [0, mix(colour, "#ffffff", 0.5)],
      [1, mix(colour, "#000000", random.uniform(0.1, 0.5))],
    ]),
    behind: rectangle(0, 0, width, height, { fill: "url(#studio)" }),
    horizon,
    clutter: indoorClutter(random),
  };
};

const shore: Maker = (random, width, height) => {
  const horizon = height * random.uniform(0.45, 0.6);
  const snow = random.chance(0.5);
  const ground = varied(random, snow ? "#edf2f7" : "#e6cf9f");
  const sky = varied(random, snow ? "#b4c4d6" : "#8fcbe8");
  const far = snow
    ? times(9, (i) =>
        path(
          commands`M${(i * width) / 8 - 26} ${horizon} L${(i * width) / 8} ${horizon - random.uniform(40, 110)} L${(i * width) / 8 + 26} ${horizon} Z`,
          { fill: mix("#3f6152", "#dfe8ee", random.uniform(0.1, 0.4)) },
        ),
      )
    : [
        rectangle(0, horizon - height * 0.14, width, height * 0.16, { fill: varied(random, "#4f9fc0") }),
        rectangle(0, horizon - 3, width, 6, { fill: "#f4fbfd" }),
      ];
  return {
    definitions: vertical("sky", sky, mix(sky, "#ffffff", 0.6)) + vertical("ground", ground, mix(ground, "#6a5a4a", 0.25)),
    behind: [
      rectangle(0, 0, width, height, { fill: "url(#sky)" }),
      ...far,
      rectangle(0, horizon, width, height - horizon, { fill: "url(#ground)" }),
    ].join(""),
    horizon,
    clutter: outdoorClutter(random, snow ? "#7d9a86" : "#a9a05a"),
  };
};

const evening: Maker = (random, width, height) => {
  const horizon = height * random.uniform(0.5, 0.7);
  const [sky, glow] = [varied(random, "#2c3560"), varied(random, pick(random, ["#e08a5a", "#b05a7a", "#5a6aa0"]))];
  const ground = varied(random, "#3c4a46");
  return {
    definitions: vertical("sky", sky, glow) + vertical("ground", ground, mix(ground, "#000000", 0.3)),
    behind: [
      rectangle(0, 0, width, height, { fill: "url(#sky)" }),
      ...times(14, () => ellipse(random.uniform(0, width), random.uniform(0, horizon * 0.7), 1.2, 1.2, { fill: "#fff6d8" })),
      ellipse(random.uniform(0, width), height * random.uniform(0.08, 0.3), height * 0.06, height * 0.06, { fill: "#fdf3cf" }),
      ...times(7, (i) =>
        house(
          (i * width) / 6 - 20,
          horizon + 2,
          random.uniform(40, 60),
          random.uniform(30, 90),
          mix(sky, "#10131f", random.uniform(0.2, 0.6)),
          random.chance(0.6),
        ),
      ),
      rectangle(0, horizon, width, height - horizon, { fill: "url(#ground)" }),
    ].join(""),
    horizon,
    clutter: outdoorClutter(random, "#4f6a4f"),
  };
};

function vertical(id: string, top: string, bottom: string): string {
  return gradient("linearGradient", { id, x1: 0, y1: 0, x2: 0, y2: 1 }, [
    [0, top],
    [1, bottom],
  ]);
}
