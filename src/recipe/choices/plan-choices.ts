// The choices that shape the plan of stages, and the networks that go through it.

import { planChoice } from "./choice.ts";
import { MOST_EPOCHS } from "./epochs.ts";
import { integers, listsOf, numbers, oneOrMore, texts, words } from "./values.ts";
import { STAGES } from "./words.ts";

/** Width and height of the network's input in pixels. */
export const [LEAST_SIZE, MOST_SIZE] = [32, 1024];
const SIZE = integers(LEAST_SIZE, MOST_SIZE);

export const PLAN_CHOICES = {
  /**
   * Name of the network, such as "mobilenet_v2", or of weights of one, such as "resnet34.a1_in1k", or path of an ONNX file, ending in
   * ".onnx", or several that are tried in turn; default the best whose weights are here or that the hub gives at once, else the one that ships
   * with thaw.
   */
  arch: planChoice({
    value: oneOrMore(texts()),
    flags: [
      {
        name: "arch",
        argument: "names",
        synonyms: ["model", "network", "backbone"],
        help: "the pretrained network; several are tried in turn (default: the best whose weights are here or are downloaded at once)",
      },
      {
        name: "onnx",
        argument: "file",
        help: "a classifier exported to ONNX, in place of a network that thaw knows",
        value: texts(".onnx"),
        conflicts: "arch",
      },
    ],
    documentation: {
      title: "network",
      chosen:
        "the best whose weights are here or are downloaded at once, else `thaw_small`, which ships with thaw " +
        "([more](#the-network)); [ONNX files](onnx.md) are networks too",
    },
  }),
  /** The value or node that ends the body of networks that are ONNX files; default the last before the old head. */
  cut: planChoice({
    value: texts(),
    flags: [
      {
        name: "cut",
        argument: "name",
        help: "the value or node of the ONNX file that the new head follows (default: the last before the old one)",
      },
    ],
    documentation: { title: "where an ONNX file is cut", chosen: "before its head ([more](onnx.md))" },
  }),
  /**
   * Mean of the red, green and blue in [0, 1] with which networks that are ONNX files normalise their images, or one number for all three;
   * default what the file does itself, or ImageNet's.
   */
  mean: planChoice({
    value: listsOf(numbers(-255, { most: 255 })),
    flags: [
      {
        name: "mean",
        argument: "numbers",
        help: "what the ONNX file's images were normalised with: the mean of red, green and blue in [0, 1], or one number (default: ImageNet's)",
      },
    ],
    documentation: { title: "mean of an ONNX file's images", chosen: "none if the file normalises by itself, else ImageNet's" },
  }),
  /** Deviation, as `mean`: images become (x − mean) / std. */
  std: planChoice({
    value: listsOf(numbers(1e-6, { most: 255 })),
    flags: [{ name: "std", argument: "numbers", help: "their standard deviation; images become (x − mean) / std (default: ImageNet's)" }],
    documentation: { title: "deviation of an ONNX file's images", chosen: "as the mean" },
  }),
  /**
   * The networks' pretrained weights, in the networks' order, each as the learner's option `weights` takes it; default those that ship or
   * are published.
   */
  weights: planChoice({
    value: oneOrMore(texts()),
    flags: [
      {
        name: "weights",
        argument: "files",
        help:
          'its weights: a .safetensors file, a folder with one, a name from "thaw models", or hf:owner/repository/file@revision ' +
          "(default: its first)",
      },
    ],
    documentation: { title: "pretrained weights", chosen: "the network's first in `thaw models`" },
  }),
  /**
   * Width and height of the network's input in pixels, or several that the stages go through in turn; default the network's own size, or a
   * larger one for few photographs.
   */
  sizes: planChoice({
    value: listsOf(SIZE),
    flags: [
      {
        name: "sizes",
        argument: "pixels",
        help: "width and height of the network's input, such as 128,224 for two rounds (default: its own, or larger for few photographs)",
      },
    ],
    documentation: {
      title: "sizes",
      chosen: "the network's own; below 1,000 photographs a larger one for some networks ([more](#few-photographs))",
    },
  }),
  /** A single size. */
  size: planChoice({
    value: SIZE,
    flags: [
      {
        name: "size",
        argument: "pixels",
        synonyms: ["image-size", "img-size", "imgsz", "resolution"],
        help: "the same, for one round",
        conflicts: "sizes",
      },
    ],
    documentation: { title: "a single size", chosen: "as `sizes`" },
  }),
  /** The stages to go through at each size; default all, or for few photographs all but `unfreeze`. */
  stages: planChoice({
    value: listsOf(words(STAGES)),
    flags: [
      { name: "stages", argument: "names", help: `some of ${STAGES.join(",")} (default: all; below 1,000 photographs without unfreeze)` },
    ],
    documentation: { title: "stages", chosen: "all; below 1,000 photographs without `unfreeze` ([more](#few-photographs))" },
  }),
  /** Epochs of the training stages in their order, or one number for all. */
  epochs: planChoice({
    value: listsOf(integers(1, MOST_EPOCHS)),
    flags: [
      {
        name: "epochs",
        argument: "n",
        help: "for each stage that trains, such as 7,3,3; 1, 3, 7 and 15 are split into cycles that double",
      },
    ],
    documentation: {
      title: "epochs",
      chosen: "`precompute` 7, `augment` 3, `unfreeze` 3; below 500 photographs 15, 3, 3; from 20,000 on 3, 2, 1",
    },
  }),
  /** Learning rates of the head in the training stages, in their order, or one for all; default the finder's. */
  lrs: planChoice({
    value: listsOf(numbers(1e-8, { most: 100 })),
    flags: [
      {
        name: "lr",
        argument: "rates",
        synonyms: ["learning-rate", "rate", "lrs"],
        help: "of the head, for each stage that trains (default: the finder's)",
      },
    ],
    documentation: {
      title: "learning rates",
      chosen:
        "the valley of the finder's curve, for the head in `precompute` and for all layers in `unfreeze`; `augment` takes over the head's",
    },
  }),
} as const;
