// The models of runs that are open, to try pictures and to see where they looked: the last few, because each takes memory.

import { type Classifier, loadClassifier } from "../../classifier/classifier.ts";
import { UsageError } from "../../core/errors.ts";
import { encodeImage } from "../../data/decode/encode.node.ts";
import { ImageError } from "../../data/decode/image.ts";
import { type HeatMaps, openHeatMaps } from "../../interpret/heat-maps.ts";
import type { Answer } from "../protocol/results.ts";

interface OpenModel {
  readonly classifier: Promise<Classifier>;
  maps: Promise<HeatMaps> | undefined;
}

const MOST = 3;

export class Models {
  readonly #open = new Map<string, OpenModel>();

  /** What the model in `folder` says about a picture. Throws a UsageError for one that cannot be read. */
  async answer(folder: string, picture: Uint8Array): Promise<Answer> {
    const classifier = await this.#model(folder).classifier;
    const begin = performance.now();
    const predictions = await readable(classifier.predict(picture));
    const milliseconds = performance.now() - begin;
    const [first] = predictions;
    return {
      predictions: predictions.map(({ class: name, probability }) => ({ class: name, probability })),
      present: first?.present,
      milliseconds,
    };
  }

  /** The photograph in `file` with the heat of where the model looked, as JPEG. */
  async heat(folder: string, file: string, className: string | undefined): Promise<Uint8Array> {
    const model = this.#model(folder);
    model.maps ??= openHeatMaps(folder);
    const map = await readable((await model.maps).of(file, { class: className }));
    return encodeImage(map.overlay(), "JPEG");
  }

  /** Frees a model whose folder is to be deleted. */
  async close(folder: string): Promise<void> {
    const model = this.#open.get(folder);
    this.#open.delete(folder);
    if (model) await release(model);
  }

  async closeAll(): Promise<void> {
    for (const folder of [...this.#open.keys()]) await this.close(folder);
  }

  #model(folder: string): OpenModel {
    const model = this.#open.get(folder) ?? { classifier: loadClassifier(folder), maps: undefined };
    // The last used is the last to go.
    this.#open.delete(folder);
    this.#open.set(folder, model);
    model.classifier.catch(() => this.#open.delete(folder));
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= MOST) break;
      this.#open.delete(oldest);
      void release(other);
    }
    return model;
  }
}

async function release({ classifier, maps }: OpenModel): Promise<void> {
  await (await classifier.catch(() => undefined))?.dispose();
  await (await maps?.catch(() => undefined))?.release();
}

async function readable<Result>(work: Promise<Result>): Promise<Result> {
  return work.catch((error: unknown) => {
    if (!(error instanceof ImageError)) throw error;
    throw new UsageError(`The picture cannot be read: ${error.message}`, "Choose a photograph in a usual format, such as JPEG or PNG.", {
      cause: error,
    });
  });
}
