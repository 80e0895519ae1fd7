// Photographs as pictures: a batch as training sees it, and predictions to look at.

import { encodeThumbnail } from "#encode";
import type { Chart } from "../chart/chart.ts";
import { type CaptionedPicture, pictureGrid } from "../chart/picture-grid.ts";
import { toBase64 } from "../core/base64.ts";
import { expected } from "../core/errors.ts";
import { RGB } from "../data/decode/image.ts";
import type { ImageClassifierData } from "../data/image-data.ts";
import { loadImage } from "../data/load/load-image.ts";
import { withChannels } from "../data/pixels/channels.ts";
import type { PredictedImage } from "./picks.ts";

/** Side of a thumbnail in pixels: twice that at which it is shown, for sharp screens. */
const SIDE = 320;

export interface ShowOptions {
  title?: string;
  /** Pictures in a row; default 4. */
  columns?: number;
}

/**
 * The first `n` (default 8) training images of an epoch (default 0) as the network gets them, cropped and augmented, with their labels:
 * fastai's show_batch.
 */
export async function showBatch(
  data: ImageClassifierData,
  { n = 8, epoch = 0, title = "A batch of training images", columns = 4 }: ShowOptions & { n?: number; epoch?: number } = {},
): Promise<Chart> {
  const order = data.trainOrder(data.seed, epoch).slice(0, n);
  const pictures = order.map((index) => pictureOf(data, data.train[index]!, true, epoch, labelsOf(data, data.train[index]!)));
  return pictureGrid({ title, columns, pictures: await Promise.all(pictures) });
}

/**
 * Images of a data set with what was predicted, such as `results.mostIncorrect("cats")`: fastai's plot_val_with_title. The first line of a
 * caption is the prediction with its probability, the second says what a wrong one should have been. Throws a UsageError for an image that the
 * data set does not have.
 */
export async function showPredictions(
  data: ImageClassifierData,
  picks: readonly PredictedImage[],
  { title = "Predictions", columns = 4 }: ShowOptions = {},
): Promise<Chart> {
  const items = new Map([...data.test, ...data.train, ...data.valid].map((item) => [item.name, item]));
  const pictures = picks.map(({ file, predicted, probability, target }) => {
    const item = items.get(file);
    if (!item) throw expected("images of the data set", "the predictions", file, "Predict with a learner on the same data.");
    const answer = `${data.classes[predicted]} ${(100 * probability).toFixed(1)} %`;
    return pictureOf(data, item, false, 0, predicted === target ? [answer] : [answer, `is ${data.classes[target]}`]);
  });
  return pictureGrid({ title, columns, pictures: await Promise.all(pictures) });
}

type Shown = ImageClassifierData["train"][number];

async function pictureOf(
  { tfms, seed }: ImageClassifierData,
  item: Shown,
  augmented: boolean,
  epoch: number,
  caption: readonly string[],
): Promise<CaptionedPicture> {
  const spec = augmented ? tfms.train : tfms.valid;
  const { size, channels = RGB } = spec;
  // The same draws as in training.
  const pixels = await loadImage(item.image ?? (await item.read?.()) ?? item.file, spec, [seed, "augment", epoch, item.name]);
  const picture = withChannels({ width: size, height: size, channels, data: pixels }, RGB);
  return { address: `data:image/jpeg;base64,${toBase64(await encodeThumbnail(picture, SIDE))}`, caption };
}

function labelsOf({ classes, kind }: ImageClassifierData, { label, labels = [], values = [] }: Shown): readonly string[] {
  const texts = {
    single: [classes[label] ?? ""],
    multi: [labels.map((each) => classes[each]).join(", ")],
    continuous: Array.from(values, (value, i) => `${classes[i]} ${Number(value.toPrecision(4))}`),
  };
  return texts[kind];
}
