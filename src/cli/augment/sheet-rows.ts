// The rows of a contact sheet: each transform alone, strong enough to be seen, then the presets.

import type { Augmentation, Example } from "../../data/augment/augmentation.ts";
import { AUGMENTATIONS, type AugmentSpec, randomErasing, randomFlip, trivialAugment } from "../../data/augment/augmentations.ts";
import { augTransforms, transformsBasic, transformsSideOn, transformsTopDown } from "../../data/augment/presets.ts";
import type { TransformOptions } from "../../data/augment/transforms.ts";

/** One row: the code that makes it, a note, and the transforms. */
export interface SheetRow {
  readonly name: string;
  readonly note: string;
  /** What is drawn several times; or what each picture of the row shows, if nothing about it is random. */
  readonly options: TransformOptions | readonly TransformOptions[];
}

export interface SheetGroup {
  readonly title: string;
  readonly rows: readonly SheetRow[];
}

/** The rows of a contact sheet, for pictures of `size` pixels; what has a probability is applied always. */
export function sheetGroups(size: number): readonly SheetGroup[] {
  return [
    {
      title: "Scale and crop",
      rows: [
        row('crop: "center"', "what validation sees", [{ crop: "center" }]),
        row('crop: "random"', "anywhere along the long side", { crop: "random" }),
        row("maxZoom: 1.3", "by 1 to 1.3 in 3 of 4, random crop", { maxZoom: 1.3 }),
        row('crop: "none"', "squashed whole", [{ crop: "none" }]),
        row('crop: "googlenet"', "8 to 100 % of the area, 3:4 to 4:3", { crop: "googlenet" }),
        row('crop: "resized"', "the same, as torchvision draws it", { crop: "resized" }),
        row("cropScale: [0.5, 1]", 'crop: "resized", half of it or more', { crop: "resized", cropScale: [0.5, 1] }),
      ],
    },
    { title: "fastai 0.7", rows: examplesFrom("fastai 0.7", size) },
    { title: "Newer", rows: examplesFrom("newer", size) },
    {
      title: "Presets, with their probabilities",
      rows: [
        row("transformsBasic", "maxZoom: 1.1", { augTfms: transformsBasic, maxZoom: 1.1 }),
        row("transformsSideOn", "maxZoom: 1.1", { augTfms: transformsSideOn, maxZoom: 1.1 }),
        row("transformsTopDown", "maxZoom: 1.05", { augTfms: transformsTopDown, maxZoom: 1.05 }),
        row("augTransforms()", "fastai 2's", { augTfms: augTransforms() }),
        row("randomFlip(), trivialAugment(), …", 'with randomErasing, crop: "resized"', {
          augTfms: [randomFlip(), trivialAugment(), randomErasing()],
          crop: "resized",
        }),
      ],
    },
  ];
}

function row(name: string, note: string, options: SheetRow["options"]): SheetRow {
  return { name, note, options };
}

function examplesFrom(origin: Augmentation<never, unknown>["origin"], size: number): readonly SheetRow[] {
  return Object.values(AUGMENTATIONS)
    .filter((augmentation) => augmentation.origin === origin)
    .flatMap((augmentation): readonly Example<AugmentSpec>[] => augmentation.examples(size))
    .map(({ code, note, spec }) => row(code, note, optionsOf(spec)));
}

// From the middle, so that nothing but the transform changes from picture to picture; variants show the picture whole.
function optionsOf(spec: Example<AugmentSpec>["spec"]): SheetRow["options"] {
  return "kind" in spec ? { augTfms: [spec], crop: "center" } : spec.map((each) => ({ augTfms: [each], crop: "none" }));
}
