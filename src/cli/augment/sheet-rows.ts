// What a contact sheet shows: each transform alone, under the name that it has in a program, strong enough to be seen, then the presets.

import {
  type AugmentSpec,
  addPadding,
  augTransforms,
  cutout,
  randAugment,
  randomBlur,
  randomBrightness,
  randomContrast,
  randomDihedral,
  randomErasing,
  randomFlip,
  randomHue,
  randomLighting,
  randomPerspective,
  randomRotate,
  randomRotateZoom,
  randomSaturation,
  randomStretch,
  randomZoom,
  type TransformOptions,
  transformsBasic,
  transformsSideOn,
  transformsTopDown,
  trivialAugment,
} from "../../data/augment/transforms.ts";

/** One row: the words of a program that give it, a remark, and what it does. */
export interface SheetRow {
  readonly name: string;
  readonly note: string;
  /** What is drawn several times; or what each picture of the row shows, where chance has no part. */
  readonly options: TransformOptions | readonly TransformOptions[];
}

export interface SheetGroup {
  readonly title: string;
  readonly rows: readonly SheetRow[];
}

// From the middle, so that nothing but the transform changes from picture to picture.
function alone(name: string, note: string, ...augTfms: readonly AugmentSpec[]): SheetRow {
  return { name, note, options: { augTfms, crop: "center" } };
}

function whole(name: string, note: string, options: SheetRow["options"]): SheetRow {
  return { name, note, options };
}

const always = { p: 1 } as const;

/** The rows of a contact sheet, for pictures of `size` pixels; what has a probability of its own happens always. */
export function sheetGroups(size: number): readonly SheetGroup[] {
  const part = (share: number) => Math.max(1, Math.round(size * share));
  return [
    {
      title: "Scale and crop",
      rows: [
        whole('crop: "center"', "what validation sees", [{ crop: "center" }]),
        whole('crop: "random"', "anywhere along the long side", { crop: "random" }),
        whole("maxZoom: 1.3", "by 1 to 1.3 in 3 of 4, random crop", { maxZoom: 1.3 }),
        whole('crop: "none"', "squashed whole", [{ crop: "none" }]),
        whole('crop: "googlenet"', "8 to 100 % of the area, 3:4 to 4:3", { crop: "googlenet" }),
        whole('crop: "resized"', "the same, as torchvision draws it", { crop: "resized" }),
        whole("cropScale: [0.5, 1]", 'crop: "resized", half of it or more', { crop: "resized", cropScale: [0.5, 1] }),
      ],
    },
    {
      title: "fastai 0.7",
      rows: [
        alone("randomRotate(10)", "−10 to 10 degrees", randomRotate(10, always)),
        alone("randomLighting(0.2, 0.3)", "brightness and contrast", randomLighting(0.2, 0.3)),
        alone("randomFlip()", "half of them mirrored", randomFlip()),
        alone("randomDihedral()", "eight symmetries", randomDihedral()),
        alone("randomRotateZoom(20, 0.5, 0.5)", "turn, zoom, stretch, or none", randomRotateZoom(20, 0.5, 0.5)),
        alone("randomZoom(0.5)", "into the middle by 1 to 1.5", randomZoom(0.5)),
        alone("randomStretch(0.5)", "one axis by 1 to 1.5", randomStretch(0.5)),
        whole(
          `addPadding(${part(0.2)})`,
          'mode "reflect", "edge", "zero"',
          (["reflect", "edge", "zero"] as const).map((mode) => ({ augTfms: [addPadding(part(0.2), { mode })], crop: "none" })),
        ),
        alone("randomBlur([2, 4, 6])", "kernels of 3, 7 and 11 pixels", randomBlur([2, 4, 6], always)),
        alone(`cutout(3, ${part(0.25)})`, "black squares anywhere", cutout(3, part(0.25), always)),
      ],
    },
    {
      title: "Today's",
      rows: [
        alone("randomPerspective(0.2)", "from the side and from above", randomPerspective(0.2, always)),
        alone("randomBrightness(0.4)", "times 0.6 to 1.4", randomBrightness(0.4, always)),
        alone("randomContrast(0.4)", "times 0.6 to 1.4 about the mean", randomContrast(0.4, always)),
        alone("randomSaturation(0.8)", "times 0.2 to 1.8 about grey", randomSaturation(0.8, always)),
        alone("randomHue(0.1)", "±0.1 of the colour wheel", randomHue(0.1, always)),
        alone("randomErasing()", "2 to 33 % of the area", randomErasing(always)),
        alone('randomErasing({ fill: "noise" })', "random pixels", randomErasing({ ...always, fill: "noise" })),
        alone("trivialAugment()", "one of 14, any strength", trivialAugment()),
        alone("randAugment()", "two of 14, magnitude 9", randAugment()),
      ],
    },
    {
      title: "Presets, with their probabilities",
      rows: [
        whole("transformsBasic", "maxZoom: 1.1", { augTfms: transformsBasic, maxZoom: 1.1 }),
        whole("transformsSideOn", "maxZoom: 1.1", { augTfms: transformsSideOn, maxZoom: 1.1 }),
        whole("transformsTopDown", "maxZoom: 1.05", { augTfms: transformsTopDown, maxZoom: 1.05 }),
        whole("augTransforms()", "fastai 2's", { augTfms: augTransforms() }),
        whole("randomFlip(), trivialAugment(), …", 'with randomErasing, crop: "resized"', {
          augTfms: [randomFlip(), trivialAugment(), randomErasing()],
          crop: "resized",
        }),
      ],
    },
  ];
}
