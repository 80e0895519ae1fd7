// The bodies, under and behind a head at (0, 0). Cats are slim with a long thin tail, dogs deep-chested with a short bushy one.

import { mix } from "./colours.ts";
import { head } from "./head.ts";
import type { Look, Pose } from "./look.ts";
import { commands, ellipse, path, placed, rectangle } from "./svg.ts";

/** The bounding box of an animal in its own units, relative to the centre of its head. */
export interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The extent of an animal in `pose`, without the tips of tail and whiskers. */
export function extentOf(pose: Pose): Extent {
  switch (pose) {
    case "portrait":
      return { left: -130, top: -150, right: 130, bottom: 170 };
    case "sitting":
      return { left: -140, top: -150, right: 150, bottom: 312 };
    case "standing":
      return { left: -120, top: -150, right: 330, bottom: 312 };
    case "lying":
      return { left: -130, top: -150, right: 310, bottom: 165 };
  }
}

/** The whole animal. */
export function figure(look: Look): string {
  const parts: Record<Pose, (look: Look) => string[]> = { portrait, sitting, standing, lying };
  return [...parts[look.pose](look), head(look)].join("");
}

function portrait(look: Look): string[] {
  const half = look.animal === "cat" ? 92 : 118;
  return [
    path(
      commands`M${-half * 0.62} 50 C${-half} 110 ${-half * 1.3} 190 ${-half * 1.35} 420 H${half * 1.35} C${half * 1.3} 190 ${half} 110 ${half * 0.62} 50 Z`,
      fur(look),
    ),
    ellipse(0, 210, half * 0.6, 110, { fill: "url(#pale)" }),
    collar(look, half * 0.74, 98),
  ];
}

function sitting(look: Look): string[] {
  const cat = look.animal === "cat";
  const [shoulder, hip, leg] = cat ? [60, 104, 19] : [84, 112, 25];
  const haunches = [-1, 1].map((side) => ellipse(side * hip * 0.72, 252, hip * 0.46, 56, fur(look)));
  const legs = [-1, 1].map((side) => limb(look, side * (leg + 9), 150, 300, leg, "url(#coat)"));
  return [
    cat ? catTail(look, hip * 0.7, 282) : dogTail(look, hip * 0.75, 262, 30),
    path(
      commands`M${-shoulder * 0.8} 60 C${-shoulder - 16} 140 ${-hip} 170 ${-hip} 246 C${-hip} 314 ${hip} 314 ${hip} 246 C${hip} 170 ${shoulder + 16} 140 ${shoulder * 0.8} 60 Z`,
      fur(look),
    ),
    bodyMarks(look, 0, 190, hip),
    ellipse(0, 142, shoulder * 0.62, 66, { fill: "url(#pale)" }),
    ...haunches,
    ...legs,
    collar(look, shoulder * 0.86, 94),
  ];
}

function standing(look: Look): string[] {
  const cat = look.animal === "cat";
  const leg = cat ? 16 : 22;
  const far = mix(look.coat.base, "#000000", 0.28);
  const back = cat
    ? commands`M-30 60 C0 74 40 96 90 98 C150 96 220 92 256 106 C296 122 300 190 274 214 C220 226 120 226 60 218 C10 206 -30 140 -46 70 Z`
    : commands`M-44 50 C0 66 50 82 100 86 C160 88 220 84 254 98 C290 116 296 186 270 210 C220 204 160 226 100 240 C30 246 -34 170 -56 70 Z`;
  return [
    cat ? catTail(look, 268, 130) : dogTail(look, 262, 122, 55),
    limb(look, 52, 180, 292, leg, far),
    limb(look, 226, 180, 292, leg, far),
    path(back, fur(look)),
    bodyMarks(look, 150, 150, 110),
    ellipse(232, 176, cat ? 46 : 52, 50, { fill: "url(#coat)" }),
    limb(look, 88, 170, 302, leg, "url(#coat)"),
    limb(look, 258, 170, 302, leg, "url(#coat)"),
    collar(look, cat ? 58 : 70, 88),
  ];
}

function lying(look: Look): string[] {
  const cat = look.animal === "cat";
  const height = cat ? 62 : 74;
  return [
    cat ? "" : dogTail(look, 272, 110, 70),
    path(commands`M-52 60 C10 ${80 - height} 190 ${70 - height} 256 60 C310 90 306 154 262 158 H-40 C-70 150 -76 96 -52 60 Z`, fur(look)),
    bodyMarks(look, 150, 84, 100),
    ellipse(228, 112, 62, 50, fur(look)),
    cat ? catTail(look, 270, 140) : "",
    ...[-48, 26].map((x) => ellipse(x, 146, cat ? 34 : 42, cat ? 18 : 22, { ...fur(look), fill: "url(#pale)" })),
    collar(look, cat ? 66 : 80, 92),
  ];
}

function fur(look: Look): { fill: string; stroke: string; "stroke-width": number; "stroke-linejoin": string } {
  return { fill: "url(#coat)", stroke: look.coat.outline, "stroke-width": 4, "stroke-linejoin": "round" };
}

/** A leg centred on `x` from `top` to `bottom`, with a paw and two toes. */
function limb(look: Look, x: number, top: number, bottom: number, half: number, fill: string): string {
  const toes = [-0.35, 0.35].map((part) =>
    path(commands`M${x + part * half} ${bottom - 12} V${bottom - 2}`, { stroke: look.coat.outline, "stroke-width": 3 }),
  );
  return [
    rectangle(x - half, top, half * 2, bottom - top, { ...fur(look), fill, rx: half }),
    ellipse(x - 3, bottom - 6, half * 1.25, 14, { ...fur(look), fill: "url(#pale)" }),
    ...toes,
  ].join("");
}

/** A long thin tail from (`x`, `y`): raised with a curl, or low along the ground. */
function catTail(look: Look, x: number, y: number): string {
  const bend = look.swing * 26;
  const d =
    look.turn > -0.4
      ? commands`M${x} ${y} C${x + 70} ${y + 14} ${x + 96 + bend} ${y - 60} ${x + 66 + bend} ${y - 118} C${x + 50 + bend} ${y - 158} ${x + 84 + bend} ${y - 186} ${x + 108 + bend} ${y - 164}`
      : commands`M${x} ${y} C${x + 90} ${y + 40} ${x + 120} ${y - 10} ${x + 132} ${y - 34 + bend}`;
  const stroke = { fill: "none", "stroke-linecap": "round" };
  const tip =
    look.marking === "none" ? "" : path(d, { ...stroke, stroke: look.coat.marks, "stroke-width": 20, "stroke-dasharray": "22 34" });
  return (
    path(d, { ...stroke, stroke: look.coat.outline, "stroke-width": 30 }) +
    path(d, { ...stroke, stroke: look.coat.base, "stroke-width": 22 }) +
    tip
  );
}

/** A short bushy tail from (`x`, `y`), raised by about `degrees`. */
function dogTail(look: Look, x: number, y: number, degrees: number): string {
  const d = "M-10 -16 C30 -30 70 -34 112 -66 C120 -22 92 24 46 30 C20 32 0 26 -10 18 Z";
  return placed(
    { x, y, degrees: look.swing * 18 - degrees + 20 },
    path(d, fur(look)),
    path("M70 -30 C88 -38 100 -48 108 -58 C110 -30 92 0 72 12 Z", { fill: look.coat.pale }),
  );
}

/** Stripes or patches around (`x`, `y`), within about `reach`. */
function bodyMarks(look: Look, x: number, y: number, reach: number): string {
  const paint = { fill: look.coat.marks, opacity: 0.85 };
  if (look.marking === "stripes") {
    const across = [-0.55, -0.2, 0.15, 0.5];
    return across
      .map((part) =>
        path(commands`M${x + part * reach - 7} ${y - 46} L${x + part * reach + 2} ${y + 18} L${x + part * reach + 9} ${y - 46} Z`, paint),
      )
      .join("");
  }
  if (look.marking === "patch") return ellipse(x + look.swing * reach * 0.3, y - 8, reach * 0.42, 34, paint);
  return "";
}

function collar(look: Look, half: number, y: number): string {
  if (look.collar === undefined) return "";
  const band = { fill: "none", stroke: look.collar, "stroke-width": 17, "stroke-linecap": "round" };
  return (
    path(commands`M${-half} ${y - 16} Q0 ${y + 26} ${half} ${y - 16}`, band) +
    ellipse(look.turn * 10, y + 18, 11, 12, { fill: "#e8c14a", stroke: "#8a6a1c", "stroke-width": 2.5 })
  );
}
