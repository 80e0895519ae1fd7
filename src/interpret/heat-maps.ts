// Heat maps: where in a photograph a learner or a saved model looked, as pictures that display and save themselves.

import { encodeImage } from "#encode";
import { networkStages } from "../classifier/network-stages.ts";
import { type ModelSource, readModel } from "../classifier/read-model.ts";
import { softmaxRows } from "../classifier/softmax.ts";
import { kindOf } from "../classifier/target-kinds.ts";
import { sigmoids } from "../classifier/targets.ts";
import { toBase64 } from "../core/base64.ts";
import { expected, UsageError } from "../core/errors.ts";
import { storedFileOf } from "../core/store/store-of.ts";
import type { TransformSpec } from "../data/augment/transforms.ts";
import type { TargetKind } from "../data/dataset/targets.ts";
import { type ImageFormat, RGB, type RgbImage } from "../data/decode/image.ts";
import { loadImage } from "../data/load/load-image.ts";
import { withChannels } from "../data/pixels/channels.ts";
import { ConvLearner } from "../learner/learner.ts";
import { argmaxRows } from "../metrics/losses.ts";
import { type GradCamOptions, openGradCam } from "./grad-cam.ts";
import { type Heat, normalizedHeat, overlay } from "./overlay.ts";

/** Where in a photograph a network looked, for one class (label, or column of numbers). */
export interface HeatMap extends Heat {
  readonly class: string;
  /** In [0, 1]; NaN if the network predicts numbers. */
  readonly probability: number;
  /** The part of the photograph that the network saw. */
  readonly photo: RgbImage;
  /** The photograph with the heat laid over it. */
  overlay(): RgbImage;
  /** Writes the overlay, in the format of the file's extension: .png, .jpg, .webp or .avif. */
  save(file: string): Promise<void>;
}

export interface HeatMaps {
  /** The heat map of a photograph (a path or the bytes of an image file) for `class`; default the most probable one. */
  of(image: string | Uint8Array, options?: { class?: string | undefined }): Promise<HeatMap>;
  release(): Promise<void>;
}

const FORMATS: ReadonlyMap<string, ImageFormat> = new Map([
  ["png", "PNG"],
  ["jpg", "JPEG"],
  ["jpeg", "JPEG"],
  ["webp", "WebP"],
  ["avif", "AVIF"],
]);
/** The method that Deno's notebooks call to display an object. */
const DISPLAY = Symbol.for("Jupyter.display");

interface Explained {
  /** The class of a heat map if none is named. */
  likeliest(outputs: Float32Array): number;
  /** NaN if outputs are numbers. */
  probability(outputs: Float32Array, label: number): number;
}

const largest = (outputs: Float32Array): number => argmaxRows(outputs, outputs.length)[0]!;

const EXPLAINED: Readonly<Record<TargetKind, Explained>> = {
  single: { likeliest: largest, probability: (outputs, label) => softmaxRows(outputs, outputs.length)[label]! },
  multi: { likeliest: largest, probability: (outputs, label) => sigmoids(outputs)[label]! },
  // The first column: none is more probable than another.
  continuous: { likeliest: () => 0, probability: () => Number.NaN },
};

/** Opens heat maps for a learner in its current state, or for a saved model. */
export async function openHeatMaps(from: ConvLearner | ModelSource): Promise<HeatMaps> {
  const { network, classes, kind, spec } = from instanceof ConvLearner ? ofLearner(from) : await ofModel(from);
  const cam = await openGradCam(network);
  return {
    async of(image, { class: name } = {}) {
      const data = await loadImage(image, spec);
      const { size, channels = RGB } = spec;
      const photo = withChannels({ width: size, height: size, channels, data }, RGB);
      const pixels = { type: "uint8" as const, shape: [1, size, size, channels], data };
      const chosen = name === undefined ? undefined : indexOf(classes, name);
      const { likeliest, probability } = EXPLAINED[kind];
      const { outputs, ...map } = await cam.map(pixels, chosen ?? likeliest);
      const label = chosen ?? likeliest(outputs);
      return heatMapOf(photo, normalizedHeat(map), classes[label]!, probability(outputs, label));
    },
    release: () => cam.release(),
  };
}

interface Source {
  readonly network: GradCamOptions;
  readonly classes: readonly string[];
  readonly kind: TargetKind;
  readonly spec: TransformSpec;
}

function ofLearner({ network: { stages }, parameters, data: { classes, kind, tfms } }: ConvLearner): Source {
  return { network: { stages, parameters, size: tfms.size, normalization: tfms }, classes, kind, spec: tfms.valid };
}

async function ofModel(source: ModelSource): Promise<Source> {
  const { description, architecture, parameters } = await readModel(source);
  const { head, classes, preprocessing } = description;
  const { size, crop, pad } = preprocessing;
  const stages = networkStages(architecture, head, classes.length);
  const network = { stages, parameters, size, normalization: preprocessing };
  return { network, classes, kind: kindOf(description), spec: { size, crop, pad, augment: [] } };
}

function indexOf(classes: readonly string[], name: string): number {
  const index = classes.indexOf(name);
  if (index < 0) throw new UsageError(`There is no class "${name}"`, `The classes are ${classes.join(", ")}.`);
  return index;
}

function heatMapOf(photo: RgbImage, heat: Heat, name: string, probability: number): HeatMap {
  const picture = (format: ImageFormat): Promise<Uint8Array> => encodeImage(overlay(photo, heat), format);
  const map = {
    ...heat,
    class: name,
    probability,
    photo,
    overlay: () => overlay(photo, heat),
    async save(file: string) {
      const format = FORMATS.get(/\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? "");
      if (!format) throw expected("a name that ends in .png, .jpg, .webp or .avif", "the heat map's file", file);
      const { store, key } = storedFileOf(file);
      await store.put(key, await picture(format));
    },
    [DISPLAY]: async () => ({ "image/png": toBase64(await picture("PNG")), "text/plain": `heat map for ${name}` }),
  };
  return map;
}
