// Augmentations as plain data: what may happen to a training image, before chance decides. They travel to worker threads and into files.

/** What lies beyond the edge: the picture mirrored at its edge (cba|abc|cba), its last pixel repeated, or black. */
export type Border = "reflect" | "edge" | "zero";

/** From and to, both included. */
export type Range = readonly [number, number];

/** One augmentation; `p` is the probability that it happens at all. The functions that make them (randomRotate, …) explain each. */
export type AugmentSpec =
  | { readonly kind: "rotate"; readonly degrees: number; readonly p: number; readonly mode?: Border }
  | { readonly kind: "lighting"; readonly brightness: number; readonly contrast: number }
  | { readonly kind: "flip"; readonly p: number }
  | { readonly kind: "dihedral"; readonly p?: number }
  | {
      readonly kind: "rotateZoom";
      readonly degrees: number;
      readonly zoom: number;
      readonly stretch: number;
      readonly ps: readonly [rotate: number, zoom: number, stretch: number, nothing: number];
      readonly mode?: Border;
    }
  | { readonly kind: "zoom"; readonly max: number; readonly p: number; readonly min?: number; readonly anywhere?: boolean }
  | { readonly kind: "stretch"; readonly max: number; readonly p: number }
  | { readonly kind: "pad"; readonly pixels: number; readonly mode?: Border }
  | { readonly kind: "blur"; readonly strengths: readonly number[]; readonly p: number }
  | { readonly kind: "cutout"; readonly holes: number; readonly length: number; readonly p: number }
  | { readonly kind: "perspective"; readonly magnitude: number; readonly p: number; readonly mode?: Border }
  | { readonly kind: "brightness"; readonly max: number; readonly p: number; readonly scale?: "linear" | "logit" }
  | { readonly kind: "contrast"; readonly max: number; readonly p: number; readonly scale?: "linear" | "logit" }
  | { readonly kind: "saturation"; readonly max: number; readonly p: number }
  | { readonly kind: "hue"; readonly max: number; readonly p: number }
  | { readonly kind: "erase"; readonly p: number; readonly scale: Range; readonly ratio: Range; readonly fill: Fill }
  | { readonly kind: "trivialAugment"; readonly mode?: Border }
  | { readonly kind: "randAugment"; readonly count: number; readonly magnitude: number; readonly mode?: Border };

/** The augmentation of a kind. */
export type SpecOf<Kind extends AugmentSpec["kind"]> = Extract<AugmentSpec, { kind: Kind }>;

/** What an erased rectangle is filled with: one colour [red, green, blue] of 0 to 255, or a random colour for each pixel. */
export type Fill = readonly [number, number, number] | "noise";
