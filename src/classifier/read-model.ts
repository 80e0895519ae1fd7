// Reads a saved model from a folder or a zip of it, from an address in a browser, or from files in memory. Everything is checked before anything is used.

import { storage } from "#storage";
import { UsageError } from "../core/errors.ts";
import type { StoreReader } from "../core/store/store.ts";
import { readerOf } from "../core/store/store-of.ts";
import { architectureOf } from "../nn/catalogue.ts";
import { checkFinite } from "../nn/finite.ts";
import { readSafetensors } from "../nn/safetensors.ts";
import { type Architecture, describeParameters, type ParameterSpec, type Parameters } from "../nn/scope.ts";
import { matchParameters } from "../nn/weights.ts";
import { MODEL_FILE, type ModelDescription, NETWORK_FILE, parseDescription, WEIGHTS_FILE } from "./format.ts";
import { type KnownClasses, knownIn, knownSpecs, withoutKnown } from "./known.ts";
import { networkStages } from "./network-stages.ts";
import { isZip, zipReader } from "./zip/zipped-model.ts";

/**
 * The files of a model folder by name, for example as a page gets them from a user or a server: model.json, weights.safetensors, and
 * network.onnx if the model has one. Others are ignored.
 */
export type ModelFiles = Readonly<Record<string, Blob | Uint8Array>>;

/**
 * A model's location: the path of its folder or of a zip of it, in a browser their address or name in the browser's storage; the store that
 * holds it; a zip as a Blob, such as a File that a user picked; or its files.
 */
export type ModelSource = string | StoreReader | Blob | ModelFiles;

export interface SavedModel {
  readonly description: ModelDescription;
  readonly architecture: Architecture;
  readonly parameters: Parameters;
  /** What the model knows of its classes, if it may answer none of them by distance. */
  readonly known?: KnownClasses & { readonly limit: number };
}

/** The name of `source` in errors. */
export function modelName(source: ModelSource): string {
  if (typeof source === "string") return source;
  if (source instanceof Blob) return "name" in source ? String(source.name) : "the given zip";
  return isReader(source) ? source.locate() : "the given files";
}

function isReader(source: StoreReader | ModelFiles): source is StoreReader {
  return typeof source.get === "function";
}

/** Reads and checks a model. Throws a UsageError naming the file if anything is missing, damaged, inconsistent or not a model of thaw. */
export async function readModel(given: ModelSource): Promise<SavedModel> {
  const source = await unpacked(given);
  const place = placeOf(source) ?? "";
  const [file, weightsFile] = [`${place}${MODEL_FILE}`, `${place}${WEIGHTS_FILE}`];
  const weights = read(source, WEIGHTS_FILE);
  // Awaited only after the description is read; a failure before that must not end the process.
  weights.catch(() => undefined);
  const description = parseDescription(await read(source, MODEL_FILE), file);
  const bytes = await weights;
  await checkHash(bytes, description.weights.sha256, weightsFile, file);
  const architecture = await architectureIn(source, description, `${place}${NETWORK_FILE}`, file);
  const parameters = matchParameters(parametersOf(architecture, description, file), readSafetensors(bytes, weightsFile), weightsFile);
  checkFinite(parameters, weightsFile, "Train again with a lower learning rate.");
  const known = description.calibration?.known;
  if (!known) return { description, architecture, parameters };
  return { description, architecture, parameters: withoutKnown(parameters), known: { ...knownIn(parameters), limit: known.limit } };
}

/** What can be read file by file. */
type Unpacked = Exclude<ModelSource, Blob>;

/** `source`, or the reader of the zip that it is. */
async function unpacked(source: ModelSource): Promise<Unpacked> {
  if (source instanceof Blob) return zipReader(new Uint8Array(await source.arrayBuffer()), modelName(source));
  return typeof source === "string" && isZip(source) ? modelReader(source) : source;
}

/** The files of the model in `place`, a folder or a zip of one. Throws a UsageError for a zip that cannot be read. */
export async function modelReader(place: string): Promise<StoreReader> {
  if (!isZip(place)) return storage.reader(place);
  const { store, key } = storage.fileReader(place);
  const bytes = await store.get(key).catch((cause: unknown) => {
    throw new UsageError(`The zip ${place} cannot be read`, "Check the path or address.", { cause });
  });
  // A folder may be called so.
  return bytes ? zipReader(bytes, place) : storage.reader(place);
}

async function checkHash(bytes: Uint8Array, sha256: string, name: string, file: string): Promise<void> {
  if ((await storage.hash(bytes)) !== sha256)
    throw new UsageError(`${name} does not belong to ${file}: its SHA-256 differs`, "Copy the whole model folder again, or train again.");
}

/** The body's architecture: one of thaw's, or one from an ONNX file, which is stored beside the weights. */
async function architectureIn(
  source: Unpacked,
  { architecture, network, preprocessing }: ModelDescription,
  networkFile: string,
  file: string,
): Promise<Architecture> {
  if (!network) return built(file, () => architectureOf(architecture));
  const bytes = await read(source, NETWORK_FILE);
  await checkHash(bytes, network.sha256, networkFile, file);
  // Loaded for such a model alone: its readers are a large part of a page's code.
  const { openStored } = await import("../nn/onnx/stored.ts");
  const { form, split } = network;
  return built(file, () => openStored(architecture, { bytes, form, split }, preprocessing.size));
}

/** What comes before the names of the model's files in errors. */
function placeOf(source: Unpacked): string | undefined {
  return typeof source === "string" || isReader(source) ? `${modelName(source).replace(/\/+$/, "")}/` : undefined;
}

async function read(source: Unpacked, name: string): Promise<Uint8Array> {
  try {
    const content = typeof source === "string" || isReader(source) ? await readerOf(source).get(name) : source[name];
    if (!content) throw new Error(`There is no ${name}`);
    return content instanceof Uint8Array ? content : new Uint8Array(await content.arrayBuffer());
  } catch (error) {
    const place = placeOf(source);
    throw new UsageError(
      place !== undefined
        ? `${modelName(source)} is not a model folder: cannot read ${place}${name}`
        : `The given files are not a model: cannot read ${name}`,
      storage.modelHint,
      { cause: error },
    );
  }
}

/** The parameters that the described network needs. */
function parametersOf(
  architecture: Architecture,
  { head, classes, preprocessing, calibration }: ModelDescription,
  file: string,
): readonly ParameterSpec[] {
  const { size, mean } = preprocessing;
  const input = [1, mean.length, size, size];
  return built(file, () => {
    const stages = networkStages(architecture, head, classes.length);
    return [...describeParameters(stages, input), ...(calibration?.known ? knownSpecs(stages, input, classes.length) : [])];
  });
}

/** The result of `build`. A description can match the schema without describing a valid network, for example with another head or size. */
function built<Result>(file: string, build: () => Result): Result {
  try {
    return build();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = error instanceof UsageError ? error.hint : undefined;
    throw new UsageError(`${file} describes no network that thaw can build: ${reason}`, hint, { cause: error });
  }
}
