// What was drawn for one image, as a list of steps in order: movements of the whole canvas, changes of colour, changes of some pixels.

import type { Box } from "../pixels/resample.ts";
import type { Border } from "./specs.ts";

/** One movement of the whole canvas; where it reads beyond the picture, `border` says what is there. Plain numbers in pixels. */
export type Move =
  | { readonly kind: "pad"; readonly pixels: number; readonly border: Border }
  | { readonly kind: "rotate"; readonly degrees: number; readonly border: Border }
  | { readonly kind: "flip" }
  /** Quarter turns to the left. */
  | { readonly kind: "turn"; readonly quarters: number }
  /** `across` and `down`, from 0 to 1, say which part stays in view; 0.5 is the middle. */
  | { readonly kind: "zoom"; readonly x: number; readonly y: number; readonly across: number; readonly down: number }
  /** Corners move by half of `x` of the height and half of `y` of the width, opposite corners alike. */
  | { readonly kind: "perspective"; readonly x: number; readonly y: number; readonly border: Border }
  /** Rows shift by `x` for each pixel down, columns by `y` for each pixel to the right, from the corner at the top left. */
  | { readonly kind: "shear"; readonly x: number; readonly y: number; readonly border: Border }
  | { readonly kind: "translate"; readonly x: number; readonly y: number; readonly border: Border }
  /** Scales the canvas to another size. */
  | { readonly kind: "resize"; readonly width: number; readonly height: number }
  | { readonly kind: "crop"; readonly left: number; readonly top: number; readonly size: number; readonly border: Border };

/** A change of each pixel's colour by itself, or by what the whole picture's colours are. */
export type ColourStep =
  /** (x − mean)·contrast + mean + brightness, on [0, 1]: fastai 0.7's lighting. */
  | { readonly kind: "light"; readonly brightness: number; readonly contrast: number }
  | { readonly kind: "brightness" | "contrast" | "saturation"; readonly factor: number }
  /** On log(x/(1 − x)): times `factor`, plus `shift`. */
  | { readonly kind: "logit"; readonly shift: number; readonly factor: number }
  /** `turn` is a part of the whole colour wheel. */
  | { readonly kind: "hue"; readonly turn: number }
  | { readonly kind: "posterize"; readonly bits: number }
  /** Inverts values of at least `threshold`, of 0 to 255. */
  | { readonly kind: "solarize"; readonly threshold: number }
  | { readonly kind: "autoContrast" }
  | { readonly kind: "equalize" };

/** A change of pixels by their place or their neighbours. */
export type LocalStep =
  | { readonly kind: "blur"; readonly strength: number }
  | { readonly kind: "sharpness"; readonly factor: number }
  | { readonly kind: "holes"; readonly boxes: readonly Box[] }
  /** `noise` seeds the random pixels of a fill without a colour. */
  | { readonly kind: "erase"; readonly box: Box; readonly fill: readonly [number, number, number] | { readonly noise: number } };

export type Step = Move | ColourStep | LocalStep;

const MOVES: ReadonlySet<string> = new Set<Move["kind"]>([
  "pad",
  "rotate",
  "flip",
  "turn",
  "zoom",
  "perspective",
  "shear",
  "translate",
  "resize",
  "crop",
]);
const LOCAL: ReadonlySet<string> = new Set<LocalStep["kind"]>(["blur", "sharpness", "holes", "erase"]);

export const isMove = (step: Step): step is Move => MOVES.has(step.kind);
export const isLocal = (step: Step): step is LocalStep => LOCAL.has(step.kind);
