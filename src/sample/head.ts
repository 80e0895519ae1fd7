// The heads, 200 wide and centred on (0, 0). `turn` moves the features sideways, which looks like a turned head.

import { mix } from "./colours.ts";
import type { Look } from "./look.ts";
import { commands, element, ellipse, path, placed } from "./svg.ts";

const SIDES = [-1, 1] as const;

/** The head of `look` with its ears, centred on (0, 0). */
export function head(look: Look): string {
  const parts = look.animal === "cat" ? catHead(look) : dogHead(look);
  return placed({ degrees: look.tilt, scaleX: look.wide, scaleY: look.tall }, ...parts);
}

function fur(look: Look, width = 4): { fill: string; stroke: string; "stroke-width": number; "stroke-linejoin": string } {
  return { fill: "url(#coat)", stroke: look.coat.outline, "stroke-width": width, "stroke-linejoin": "round" };
}

function catHead(look: Look): string[] {
  const shift = look.turn * 16;
  const face = commands`M0 -84 C52 -86 100 -52 102 4 C106 22 116 34 122 46 C106 46 98 52 88 58 C62 82 30 88 0 88 C-30 88 -62 82 -88 58 C-98 52 -106 46 -122 46 C-116 34 -106 22 -102 4 C-100 -52 -52 -86 0 -84 Z`;
  const ears = SIDES.map((side) =>
    placed(
      { x: shift * 0.2, scaleX: side },
      path(commands`M24 -74 C44 -112 66 -146 86 -158 C98 -120 104 -72 100 -18 Z`, fur(look)),
      path(commands`M46 -78 C58 -104 72 -124 82 -134 C90 -104 92 -74 90 -44 Z`, { fill: innerEar(look) }),
    ),
  );
  const eyes = SIDES.map((side) => catEye(look, side * 43 + shift * 0.8));
  return [
    ...ears,
    path(face, fur(look)),
    marked(look, face, shift),
    ...eyes,
    placed(
      { x: shift * 1.15 },
      ellipse(-19, 47, 27, 21, { fill: look.coat.pale, opacity: 0.85 }),
      ellipse(19, 47, 27, 21, { fill: look.coat.pale, opacity: 0.85 }),
      look.tongue ? path("M-9 57 C-9 76 9 76 9 57 Z", { fill: "#e2788a", stroke: "#8a3b48", "stroke-width": 2 }) : "",
      path("M0 40 V50 C-4 62 -24 64 -32 53 M0 50 C4 62 24 64 32 53", line(look, 4)),
      path("M-13 26 C-6 22 6 22 13 26 C10 36 4 41 0 42 C-4 41 -10 36 -13 26 Z", { fill: nose(look), stroke: "#3a2020", "stroke-width": 2 }),
      ...SIDES.flatMap((side) =>
        [-16, -2, 13].map((slope, i) =>
          path(commands`M${side * 34} ${42 + i * 7} Q${side * 90} ${30 + slope + i * 4} ${side * 148} ${34 + slope * 2.2}`, {
            fill: "none",
            stroke: whisker(look),
            "stroke-width": 2.4,
            "stroke-linecap": "round",
          }),
        ),
      ),
    ),
  ];
}

function catEye(look: Look, x: number): string {
  if (look.eyesClosed) return path(commands`M${x - 24} -10 Q${x} 12 ${x + 24} -10`, line(look, 5));
  const lids = commands`M${x - 27} -6 Q${x - 8} -38 ${x + 27} -14 Q${x + 12} 20 ${x - 12} 16 Q${x - 24} 10 ${x - 27} -6 Z`;
  const almond = x > 0 ? lids : commands`M${x + 27} -6 Q${x + 8} -38 ${x - 27} -14 Q${x - 12} 20 ${x + 12} 16 Q${x + 24} 10 ${x + 27} -6 Z`;
  return [
    path(almond, { fill: look.iris, stroke: "#1d1512", "stroke-width": 4 }),
    ellipse(x + look.turn * 4, -6, 4 + look.pupil * 9, 18, { fill: "#0d0b0b" }),
    ellipse(x - 6 + look.turn * 4, -14, 5, 5, { fill: "#ffffff" }),
  ].join("");
}

function dogHead(look: Look): string[] {
  const shift = look.turn * 18;
  const face = commands`M0 -92 C48 -94 82 -66 84 -18 C84 24 76 74 48 100 C30 114 -30 114 -48 100 C-76 74 -84 24 -84 -18 C-82 -66 -48 -94 0 -92 Z`;
  const ears = SIDES.map((side) => placed({ x: shift * 0.2, scaleX: side }, dogEar(look)));
  const eyes = SIDES.map((side) => dogEye(look, side * 36 + shift * 0.8));
  return [
    path(face, fur(look)),
    marked(look, face, shift),
    ...ears,
    ...eyes,
    placed(
      { x: shift * 1.4 },
      look.tongue
        ? path("M-16 78 C-20 128 -12 146 4 146 C20 146 24 126 18 78 Z", { fill: "#e2788a", stroke: "#8a3b48", "stroke-width": 3 }) +
            path("M2 90 V126", { fill: "none", stroke: "#b9566a", "stroke-width": 3, "stroke-linecap": "round" })
        : "",
      path("M0 4 C36 2 58 36 56 62 C54 88 30 94 0 92 C-30 94 -54 88 -56 62 C-58 36 -36 2 0 4 Z", {
        fill: "url(#pale)",
        stroke: look.coat.outline,
        "stroke-width": 2.5,
      }),
      path("M0 48 V66 C-6 84 -34 86 -44 70 M0 66 C6 84 34 86 44 70", line(look, 4.5)),
      path("M-28 24 C-24 8 24 8 28 24 C28 42 12 52 0 52 C-12 52 -28 42 -28 24 Z", {
        fill: "#231c1d",
        stroke: "#120d0d",
        "stroke-width": 2,
      }),
      ellipse(-9, 22, 9, 5, { fill: "#ffffff", opacity: 0.55 }),
      ...[-32, -24, 24, 32].map((x) => ellipse(x, 58 + Math.abs(x) * 0.1, 2, 2, { fill: look.coat.outline })),
    ),
  ];
}

function dogEye(look: Look, x: number): string {
  const brow = path(commands`M${x - 14} -52 Q${x} -62 ${x + 14} -52`, { ...line(look, 5), opacity: 0.55 });
  if (look.eyesClosed) return brow + path(commands`M${x - 17} -22 Q${x} -40 ${x + 17} -22`, line(look, 5));
  const dark = mix(look.iris, "#2a1608", 0.45);
  return [
    brow,
    ellipse(x, -24, 19, 20, { fill: "#f6f1ea", stroke: "#1d1512", "stroke-width": 4 }),
    ellipse(x + look.turn * 4, -23, 14, 15, { fill: dark }),
    ellipse(x + look.turn * 4, -23, 6 + look.pupil * 5, 7 + look.pupil * 5, { fill: "#0d0b0b" }),
    ellipse(x - 5 + look.turn * 4, -30, 5, 5, { fill: "#ffffff" }),
  ].join("");
}

/** The right ear; the left one is its mirror image. */
function dogEar(look: Look): string {
  const swing = look.swing * 8;
  const dark = { ...fur(look), fill: "url(#ear)" };
  switch (look.ears) {
    case "long":
      return path(
        commands`M44 -82 C84 -100 112 -70 120 -20 C130 ${40 + swing} 136 ${108 + swing} 106 ${126 + swing} C78 ${132 + swing} 66 70 68 24 C68 -14 58 -50 44 -82 Z`,
        dark,
      );
    case "folded":
      return [
        path(commands`M34 -82 C56 -112 84 -128 104 -124 C116 -98 104 -60 84 -34 Z`, fur(look)),
        path(commands`M50 -104 C84 -132 118 -120 136 ${-66 + swing} C116 -66 88 -76 50 -104 Z`, dark),
      ].join("");
    default:
      return path(
        commands`M40 -84 C78 -104 112 -88 132 ${-40 + swing} C146 ${0 + swing} 134 ${44 + swing} 112 ${52 + swing} C90 ${50 + swing} 80 10 70 -22 C64 -46 54 -66 40 -84 Z`,
        dark,
      );
  }
}

/** The marks on a face, clipped at its outline. */
function marked(look: Look, face: string, shift: number): string {
  const { marks, pale } = look.coat;
  const shapes: Record<Look["marking"], string[]> = {
    none: [],
    patch: [ellipse((look.swing > 0 ? 46 : -46) + shift, -26, 44, 52, { fill: marks })],
    stripes: [-34, 0, 34]
      .map((x, i) =>
        path(commands`M${x - 8 + shift} -100 L${x * 0.7 + shift} ${i === 1 ? -36 : -48} L${x + 8 + shift} -100 Z`, { fill: marks }),
      )
      .concat(
        SIDES.flatMap((side) =>
          [18, 38].map((y) =>
            path(commands`M${side * 130} ${y - 7} L${side * 66 + shift} ${y} L${side * 130} ${y + 9} Z`, { fill: marks }),
          ),
        ),
      ),
    mask: [ellipse(shift, 44, 66, 62, { fill: marks, opacity: 0.8 })],
    blaze: [
      path(
        commands`M${shift - 14} -104 C${shift - 8} -50 ${shift - 30} 10 ${shift - 44} 110 H${shift + 44} C${shift + 30} 10 ${shift + 8} -50 ${shift + 14} -104 Z`,
        { fill: pale },
      ),
    ],
  };
  return element("clipPath", { id: "face" }, path(face, {})) + element("g", { "clip-path": "url(#face)" }, ...shapes[look.marking], "");
}

function line(look: Look, width: number): { fill: string; stroke: string; "stroke-width": number; "stroke-linecap": string } {
  return { fill: "none", stroke: mix(look.coat.outline, "#140c0a", 0.5), "stroke-width": width, "stroke-linecap": "round" };
}

function innerEar(look: Look): string {
  return mix(look.coat.base, "#e8a39a", 0.7);
}

function nose(look: Look): string {
  return look.swing > 0 ? "#d98a8f" : "#3a2b2b";
}

function whisker(look: Look): string {
  return look.turn > 0 ? "#fffaf0" : mix(look.coat.outline, "#000000", 0.3);
}
