// Matches the tensors of a file to the parameters of a network. Every name and shape is checked before anything is used.

import { UsageError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import { architectures } from "./catalogue.ts";
import { checkFinite } from "./finite.ts";
import { fromTimm } from "./published/translate.ts";
import { type Architecture, describeParameters, type ParameterSpec, type Parameters } from "./scope.ts";
import { unwrapped } from "./wrapped-names.ts";

/** The most names of each kind in an error. */
const SHOWN = 3;

interface Mismatch {
  readonly missing: readonly ParameterSpec[];
  readonly unexpected: readonly string[];
  readonly misshapen: readonly ParameterSpec[];
}

/** The parameters of the body (groups 0 and 1) of `architecture`, in the order of the network. */
export function bodyParameters(architecture: Architecture): readonly ParameterSpec[] {
  return describeParameters(architecture.body, [1, 3, architecture.size, architecture.size]);
}

/** The parameters of the published network: body and 1,000-way classifier. */
export function networkParameters(architecture: Architecture): readonly ParameterSpec[] {
  return describeParameters([...architecture.body, ...architecture.classifier], [1, 3, architecture.size, architecture.size]);
}

/**
 * The tensors for `specs`, in order. Throws a UsageError that counts and names what is missing, unexpected or of another shape; tensors
 * named in `unused` are allowed.
 */
export function matchParameters(
  specs: readonly ParameterSpec[],
  tensors: ReadonlyMap<string, Tensor>,
  fileName: string,
  unused: readonly string[] = [],
): Parameters {
  const mismatch = compare(specs, tensors, unused);
  if (mismatch)
    throw new UsageError(
      `${fileName} does not fit the network: ${describe(mismatch, tensors)}`,
      "Give a file with the weights of this network.",
    );
  return pick(specs, tensors);
}

/**
 * The body's parameters from the tensors of a weights file with torchvision's or timm's names, also behind a prefix or as fastai numbers
 * them, with or without a classifier (which is not used). Throws a UsageError that says which network the file is for, if thaw knows it, or how it differs.
 */
export function loadBody(architecture: Architecture, file: ReadonlyMap<string, Tensor<"float32">>, fileName: string): Parameters {
  const specs = bodyParameters(architecture);
  for (const named of unwrapped(file, specs)) {
    const own = inOwnNames(architecture, named);
    if (compare(specs, own, classifierNames(architecture))) continue;
    const parameters = pick(specs, own);
    checkFinite(parameters, fileName, "Download or save it again.");
    return parameters;
  }
  const tensors = inOwnNames(architecture, file);
  const [other] = networksThatFit(file);
  if (other) {
    throw new UsageError(
      `${fileName} contains the weights of ${other.name}, not of ${architecture.name}`,
      `Choose ${other.name}, or give the weights of ${architecture.name}.`,
    );
  }
  if (!specs.some(({ name }) => tensors.has(name))) {
    const [first] = tensors.keys();
    const found =
      first === undefined ? "it contains no tensors" : `none of its ${tensors.size} tensors ("${first}", …) has a name of this network`;
    throw new UsageError(
      `${fileName} does not contain the weights of ${architecture.name}: ${found}`,
      `Give a safetensors file of ${architecture.name} with torchvision's or timm's parameter names.`,
    );
  }
  return matchParameters(specs, tensors, fileName, classifierNames(architecture));
}

/** The tensors of `file` under thaw's names and in thaw's shapes if they have timm's; otherwise unchanged. */
export function inOwnNames(
  architecture: Architecture,
  file: ReadonlyMap<string, Tensor<"float32">>,
): ReadonlyMap<string, Tensor<"float32">> {
  return fromTimm(architecture, networkParameters(architecture), file) ?? file;
}

/** The networks of the catalogue whose weights the tensors of `file` can be. Some have twins that differ in their padding alone. */
export function networksThatFit(file: ReadonlyMap<string, Tensor<"float32">>): readonly Architecture[] {
  return architectures.filter((candidate) => fits(candidate, file));
}

function fits(candidate: Architecture, file: ReadonlyMap<string, Tensor<"float32">>): boolean {
  const specs = bodyParameters(candidate);
  const tensors = inOwnNames(candidate, file);
  // Most candidates fail here, before their classifier is built.
  if (!specs.every(({ name }) => tensors.has(name))) return false;
  return !compare(specs, tensors, classifierNames(candidate));
}

function classifierNames(architecture: Architecture): readonly string[] {
  return networkParameters(architecture)
    .slice(bodyParameters(architecture).length)
    .map(({ name }) => name);
}

function pick(specs: readonly ParameterSpec[], tensors: ReadonlyMap<string, Tensor>): Parameters {
  return new Map(specs.map(({ name }) => [name, tensors.get(name) as Tensor]));
}

function compare(specs: readonly ParameterSpec[], tensors: ReadonlyMap<string, Tensor>, unused: readonly string[]): Mismatch | undefined {
  const known = new Set([...specs.map(({ name }) => name), ...unused]);
  const missing = specs.filter(({ name }) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !known.has(name));
  const misshapen = specs.filter(({ name, shape }) => tensors.has(name) && tensors.get(name)?.shape.join() !== shape.join());
  return missing.length + unexpected.length + misshapen.length === 0 ? undefined : { missing, unexpected, misshapen };
}

function describe({ missing, unexpected, misshapen }: Mismatch, tensors: ReadonlyMap<string, Tensor>): string {
  const list = (texts: readonly string[]): string => `${texts.slice(0, SHOWN).join(", ")}${texts.length > SHOWN ? ", …" : ""}`;
  const shapes = misshapen.map(({ name, shape }) => `"${name}" is [${tensors.get(name)?.shape}] instead of [${shape}]`);
  return [
    missing.length > 0 && `${missing.length} missing (${list(missing.map(({ name }) => `"${name}"`))})`,
    unexpected.length > 0 && `${unexpected.length} unexpected (${list(unexpected.map((name) => `"${name}"`))})`,
    shapes.length > 0 && `${shapes.length} of another shape (${list(shapes)})`,
  ]
    .filter((part) => part !== false)
    .join("; ");
}
