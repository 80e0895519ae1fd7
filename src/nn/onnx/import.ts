// Imports an ONNX classifier as an architecture that trains like thaw's own: detects where it can be cut, grouped and trained.

import { expected, UsageError } from "../../core/errors.ts";
import type { Warning } from "../../core/progress.ts";
import { shellWord } from "../../core/shell-word.ts";
import { readSource, type SourceGraph } from "../../graph/source/read.ts";
import type { ReadExternal } from "../../graph/source/tensors.ts";
import type { Value } from "../../graph/types.ts";
import { imageNetInput } from "../architectures/imagenet.ts";
import { checkFinite } from "../finite.ts";
import type { Architecture, Parameters, StoredNetwork } from "../scope.ts";
import { architectureAlong } from "./architecture.ts";
import { type Link, linksOf, usedNodes } from "./chain.ts";
import { type Dropped, droppedAfter, findBodyEnd, findSplit, namedBodyEnd } from "./cut.ts";
import { foldConstants } from "./fold-constants.ts";
import { type OwnNormalization, ownNormalization } from "./normalization.ts";
import { separateParameters } from "./parameters.ts";
import { restoringStages, stagesAlong } from "./stages.ts";
import { storeBody } from "./stored.ts";
import { type NetworkTrace, traceNetwork } from "./trace.ts";
import { type Obstacle, obstaclesIn } from "./trainable.ts";

export interface OnnxOptions {
  /** Name of the value or node at which the body ends; default the last map or tokens before the classifier. */
  cut?: string | undefined;
  /** Name of the value or node at which the second layer group begins; default as in thaw's own networks. */
  split?: string | undefined;
  /** Side of the images in pixels; default the file's, or 224 if the file leaves it open. */
  size?: number | undefined;
  /**
   * Per-channel statistics of RGB in [0, 1] that the network's images were normalised with; default none if the network does that itself,
   * else ImageNet's.
   */
  mean?: readonly [number, number, number] | undefined;
  std?: readonly [number, number, number] | undefined;
}

/** An ONNX classifier, ready to be trained further. */
export interface ImportedNetwork {
  /** With the body's weights. */
  readonly architecture: Architecture & { readonly parameters: Parameters; readonly stored: StoredNetwork };
  /** The weights of `architecture.classifier`, the part after the body. */
  readonly classifierParameters: Parameters;
  readonly warnings: readonly Warning[];
  readonly source: SourceGraph;
  /** Where the network can be cut, in order, the images first. */
  readonly links: readonly Link[];
  /** The link at which the body ends. */
  readonly end: Link;
  /** Stages of the body that can only be frozen. */
  readonly obstacles: readonly Obstacle[];
}

/**
 * Imports the ONNX classifier `name` from its `bytes`; `external` returns the bytes of files beside it. Throws a UsageError that names
 * what in the file cannot be used, and what to do.
 */
export async function importOnnx(
  name: string,
  bytes: Uint8Array,
  external: ReadExternal,
  options: OnnxOptions = {},
): Promise<ImportedNetwork> {
  const source = readSource(bytes, external);
  const image = imageInput(source);
  const used = usedNodes(source.nodes, source.outputs);
  const folded = await foldConstants({ ...source, nodes: source.nodes.filter((node) => used.has(node)) });
  const own = image.type === "uint8" ? BYTES : ownNormalization(folded, image.name);
  const { graph, parameters, values } = separateParameters(folded);
  if (![...parameters.values()].some(({ kind }) => kind === "weight"))
    throw new UsageError(`${name} has no float weights: no convolution and no matrix product with constants`, "Give a float classifier.");
  checkFinite(values, name, "Export a network whose training did not overflow.");
  const channelsLast = image.shape[3] === 3 && image.shape[1] !== 3;
  const size = sizeOf(name, image, channelsLast, options.size);
  const trace = traceNetwork({ graph, image: image.name, parameters }, channelsLast ? [1, size, size, 3] : [1, 3, size, size]);
  const links = linksOf(trace, lastValue(source, trace));
  const end = options.cut === undefined ? findBodyEnd(trace, links) : namedBodyEnd(trace, links, options.cut);
  // Only nodes up to the end are needed; later ones may be unsupported.
  if (!end && trace.failure) throw trace.failure.error;
  if (!end)
    throw new UsageError(
      `${name} cannot be cut anywhere between images and classes: no single value crosses`,
      "Name an inner value or node to cut at (cut).",
    );
  const { link, form } = end;
  const dropped = droppedAfter(trace, links, link);
  if (options.cut === undefined && dropped.body && (trace.failure || dropped.share > 0.5)) throw tooEarly(name, trace, link, dropped);

  const body = links.slice(0, links.indexOf(link) + 1);
  const obstacles = obstaclesIn(
    stagesAlong(trace, body, () => 0),
    body,
  );
  const earliest = Math.min((obstacles.at(-1)?.stage ?? -1) + 1, body.length - 1);
  const split = options.split === undefined ? findSplit(trace, body, size, earliest) : namedBodyEnd(trace, body, options.split).link;
  const read = new Set(trace.network.graph.nodes.slice(0, link.position).flatMap(({ inputs }) => inputs));
  const architecture = {
    ...architectureAlong(trace, body, { name, form, split: split.name, size }),
    classifier: trace.failure ? [] : [...restoringStages(form), ...stagesAlong(trace, links.slice(body.length - 1), () => 2)],
    ...(own && ({ mean: [0, 0, 0], std: all(1 / own.largest) } as const)),
    ...(options.mean && { mean: options.mean }),
    ...(options.std && { std: options.std }),
    ...untrainable(obstacles, body, split),
    parameters: new Map([...values].filter(([parameter]) => read.has(parameter))),
    stored: { bytes: storeBody(trace, link), form, split: split.name },
  };
  return {
    architecture,
    classifierParameters: new Map([...values].filter(([parameter]) => !read.has(parameter))),
    warnings: [
      ...warningsOf(trace, source, architecture),
      ...normalizationWarnings(name, own, options),
      ...(options.cut === undefined ? droppedWarnings(name, link, dropped) : []),
    ],
    source,
    links,
    end: link,
    obstacles,
  };
}

function imageInput({ inputs }: SourceGraph): Value {
  const [image, other] = inputs;
  if (!image) throw new UsageError("The ONNX file has no input", "Export a model that takes a batch of images.");
  if (other)
    throw new UsageError(
      `The ONNX file has ${inputs.length} inputs ("${image.name}", "${other.name}", …)`,
      "Export a model that takes only images.",
    );
  if ((image.type !== "float32" && image.type !== "uint8") || image.shape.length !== 4)
    throw expected(
      "images [images, 3, height, width] of floats or bytes",
      `the ONNX input "${image.name}"`,
      `${image.type} [${image.shape}]`,
    );
  const [batch, ...sizes] = image.shape;
  if (typeof batch === "number" && batch !== 1)
    throw expected(
      "any number of images, or one",
      `the ONNX input "${image.name}"`,
      batch,
      "Export it again with a batch of one, or a dynamic one.",
    );
  if (sizes[0] !== 3 && sizes[2] !== 3)
    throw expected("3 channels", `the ONNX input "${image.name}"`, `[${image.shape}]`, "Give a network for colour images.");
  return image;
}

/** The side of the images, in pixels. */
function sizeOf(name: string, { shape }: Value, channelsLast: boolean, given: number | undefined): number {
  const [height, width] = channelsLast ? shape.slice(1, 3) : shape.slice(2, 4);
  if (given !== undefined) return given;
  if (typeof height === "number" && typeof width === "number" && height !== width)
    throw expected("square images", name, `${height} × ${width}`, "Give size if the network also accepts other sizes.");
  return typeof height === "number" ? height : typeof width === "number" ? width : imageNetInput.size;
}

/** The file's first output, or the last value before the node that could not be followed. */
function lastValue({ outputs }: SourceGraph, { shapes, network }: NetworkTrace): string {
  const output = outputs.find((name) => shapes.has(name));
  return output ?? network.graph.nodes.flatMap((node) => node.outputs).findLast((name) => shapes.has(name)) ?? network.image;
}

/** The error if the only cut that was found drops more than a classifier. */
function tooEarly(name: string, { failure }: NetworkTrace, { name: cut }: Link, { share, layers }: Dropped): UsageError {
  const lost = `${layersOf(layers)} with ${percent(share)} of its parameters`;
  if (!failure)
    return new UsageError(
      `${name} can be cut only at "${cut}", which drops ${lost}: later on, several values cross at once or nothing is left to train on`,
      "Name a value to cut at (--cut; inspectOnnx lists them), this one if that is what you want.",
    );
  const { message, hint } = failure.error;
  return new UsageError(
    `${name} can be followed only in part: ${message}. The last cut before that, "${cut}", drops ${lost}`,
    `${hint} To cut there all the same, name it: --cut ${shellWord(cut)}`,
    { cause: failure.error },
  );
}

function layersOf(count: number): string {
  return count === 1 ? "1 layer" : `${count} layers`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function untrainable(obstacles: readonly Obstacle[], body: readonly Link[], split: Link): Pick<Architecture, "untrainable"> {
  const last = obstacles.at(-1);
  if (!last) return {};
  return { untrainable: { from: last.stage < body.indexOf(split) ? 1 : 2, reason: last.reason } };
}

/** An input of bytes takes colours as they are stored. */
const BYTES: OwnNormalization = { largest: 255, operators: [] };

function all(value: number): readonly [number, number, number] {
  return [value, value, value];
}

function normalizationWarnings(name: string, own: OwnNormalization | undefined, { mean, std }: OnnxOptions): readonly Warning[] {
  if (mean && std) return [];
  const hint = "If it was trained otherwise, give its mean and deviation for colours in [0, 1] (--mean, --std).";
  if (!own) return [{ message: `${name} does not say how its images were normalised; ImageNet's mean and deviation are taken`, hint }];
  const how = own.operators.length > 0 ? `normalises its images itself (${own.operators.join(", ")})` : "takes bytes";
  return [{ message: `${name} ${how}: it is given colours from 0 to ${own.largest} as they are`, hint }];
}

function droppedWarnings(name: string, { name: cut }: Link, { share, layers }: Dropped): readonly Warning[] {
  if (share <= 0.5) return [];
  return [
    {
      message: `The new head replaces what follows "${cut}" in ${name}: ${layersOf(layers)} with ${percent(share)} of its parameters`,
      hint: "To keep more of them, name a later value to cut at (--cut).",
    },
  ];
}

function warningsOf({ network }: NetworkTrace, source: SourceGraph, { name, untrainable }: Architecture): readonly Warning[] {
  const has = (op: string): boolean => network.graph.nodes.some((node) => node.op === op);
  const warnings: Warning[] = [];
  if (has("Conv") && !has("BatchNormalization"))
    warnings.push({
      message: `${name} has no batch norm: if its network had any, the exporter folded it into the convolutions`,
      hint: "It stays folded, with fixed statistics. To train it too, export with training=TrainingMode.PRESERVE.",
    });
  if (untrainable)
    warnings.push({
      message: `The first ${untrainable.from === 1 ? "layer group" : "two layer groups"} of ${name} can only be frozen: ${untrainable.reason}`,
      hint: `Train what comes after it: freezeTo(${untrainable.from}).`,
    });
  if (source.outputs.length > 1)
    warnings.push({ message: `${name} has ${source.outputs.length} outputs; the first ("${source.outputs[0]}") is used as the classes` });
  return warnings;
}
