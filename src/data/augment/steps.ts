// What was drawn for one image, as a list of steps in plain numbers, and the table of their rules.

import type { RgbImage } from "../decode/image.ts";
import type { Box } from "../pixels/box.ts";
import type { CanvasPart } from "../pixels/canvas-part.ts";
import type { Projection } from "../pixels/projection.ts";
import { type AutoContrastStep, autoContrastStep } from "./colour/auto-contrast.ts";
import { type BrightnessStep, brightnessStep } from "./colour/brightness.ts";
import { type ContrastStep, contrastStep } from "./colour/contrast.ts";
import { type EqualizeStep, equalizeStep } from "./colour/equalize.ts";
import { type HueStep, hueStep } from "./colour/hue.ts";
import { type LightStep, lightStep } from "./colour/lighting.ts";
import { type LogitStep, logitStep } from "./colour/logit.ts";
import { type PosterizeStep, posterizeStep } from "./colour/posterize.ts";
import { type SaturationStep, saturationStep } from "./colour/saturation.ts";
import { type SolarizeStep, solarizeStep } from "./colour/solarize.ts";
import { type BlurStep, blurStep } from "./local/blur.ts";
import { type HolesStep, holesStep } from "./local/cutout.ts";
import { type EraseStep, eraseStep } from "./local/erase.ts";
import { type SharpnessStep, sharpnessStep } from "./local/sharpness.ts";
import { type CropStep, cropStep } from "./movement/crop.ts";
import { type TurnStep, turnStep } from "./movement/dihedral.ts";
import { type FlipStep, flipStep } from "./movement/flip.ts";
import { type PadStep, padStep } from "./movement/pad.ts";
import { type PerspectiveStep, perspectiveStep } from "./movement/perspective.ts";
import { type ResizeStep, resizeStep } from "./movement/resize.ts";
import { type RotateStep, rotateStep } from "./movement/rotate.ts";
import { type ShearStep, shearStep } from "./movement/shear.ts";
import { type TranslateStep, translateStep } from "./movement/translate.ts";
import { type ZoomStep, zoomStep } from "./movement/zoom.ts";
import type { CanvasSize, ColourRule, LocalRule, MoveRule } from "./step.ts";

/** One movement of the whole canvas, in pixels; `border` says what lies beyond the picture. */
export type Move =
  | PadStep
  | RotateStep
  | FlipStep
  | TurnStep
  | ZoomStep
  | PerspectiveStep
  | ShearStep
  | TranslateStep
  | ResizeStep
  | CropStep;

/** A change of each pixel's colour by itself, or by the colours of the whole picture. */
export type ColourStep =
  | LightStep
  | BrightnessStep
  | ContrastStep
  | SaturationStep
  | LogitStep
  | HueStep
  | PosterizeStep
  | SolarizeStep
  | AutoContrastStep
  | EqualizeStep;

/** A change of pixels by their place or their neighbours. */
export type LocalStep = BlurStep | SharpnessStep | HolesStep | EraseStep;

export type Step = Move | ColourStep | LocalStep;

const MOVES = {
  pad: padStep,
  rotate: rotateStep,
  flip: flipStep,
  turn: turnStep,
  zoom: zoomStep,
  perspective: perspectiveStep,
  shear: shearStep,
  translate: translateStep,
  resize: resizeStep,
  crop: cropStep,
} as const satisfies { readonly [Kind in Move["kind"]]: MoveRule<Extract<Move, { kind: Kind }>> };

const COLOURS = {
  light: lightStep,
  brightness: brightnessStep,
  contrast: contrastStep,
  saturation: saturationStep,
  logit: logitStep,
  hue: hueStep,
  posterize: posterizeStep,
  solarize: solarizeStep,
  autoContrast: autoContrastStep,
  equalize: equalizeStep,
} as const satisfies { readonly [Kind in ColourStep["kind"]]: ColourRule<Extract<ColourStep, { kind: Kind }>> };

const LOCALS = {
  blur: blurStep,
  sharpness: sharpnessStep,
  holes: holesStep,
  erase: eraseStep,
} as const satisfies { readonly [Kind in LocalStep["kind"]]: LocalRule<Extract<LocalStep, { kind: Kind }>> };

export const isMove = (step: Step): step is Move => Object.hasOwn(MOVES, step.kind);
export const isLocal = (step: Step): step is LocalStep => Object.hasOwn(LOCALS, step.kind);

function moveRule({ kind }: Move): MoveRule<Move> {
  return MOVES[kind];
}

function localRule({ kind }: LocalStep): LocalRule<LocalStep> {
  return LOCALS[kind];
}

/** The map from the canvas after `move` back to the one before it. */
export function mapOf(move: Move, { width, height }: CanvasSize): Projection {
  return moveRule(move).map(move, width, height);
}

/** The size of a canvas after `move`. */
export function canvasAfter(move: Move, before: CanvasSize): CanvasSize {
  return moveRule(move).canvas?.(move, before) ?? before;
}

/** Changes [.., 3] pixels in place; means and histograms are taken from these pixels. */
export function changeColours(pixels: Uint8Array, step: ColourStep): void {
  const rule: ColourRule<ColourStep> = COLOURS[step.kind];
  rule.change(pixels, step);
}

/** How many pixels away a pixel still counts. */
export function reachOf(step: LocalStep): number {
  return localRule(step).reach?.(step) ?? 0;
}

/** The pixels of `window` after `step`, from a part of the canvas that covers `window` extended by the reach; may change it in place. */
export function changeLocally(part: CanvasPart, window: Box, step: LocalStep): RgbImage {
  return localRule(step).change(part, window, step);
}
