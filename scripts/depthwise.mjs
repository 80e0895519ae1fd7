// Depthwise convolutions in ONNX Runtime's WebAssembly, computed directly (kernels/depthwise.ts) and to the same bits, and the
// gradients of their weights, whose bits differ by rounding. ONNX Runtime's function for a batch item's group, MlasConvOperation, lays out the
// windows of all outputs and takes a matrix product with them. Here it asks the kernel first, and goes on as before where that returns 0.
// Measurements are in bench/results/browser-depthwise.md.

import { KERNEL } from "./depthwise-kernel.mjs";
import {
  bodiesOf,
  CODE,
  codeOf,
  EXPORTS,
  entriesOf,
  FUNCTIONS,
  IMPORTS,
  importedFunctions,
  leb,
  reader,
  sectionsOf,
  TYPES,
  withEntry,
  withSections,
} from "./wasm.mjs";

const GET = 0x20;
const SET = 0x21;
const CALL = 0x10;
/** A number of the convolution's parameters, whose address is the first argument of the functions. */
const parameter = (offset) => [GET, 0, 0x28, 2, ...leb(offset)];
/** How many arguments MlasConvOperation and the kernel take. */
const ARGUMENTS = 8;
const ANY = undefined;

/** How MlasConvOperation begins to read its parameters: steps of a product, outputs and channels. */
const BEGINNING = [120, 116, 96].flatMap((offset) => [...parameter(offset), SET, ANY]);
/** How it has the windows laid out, but for the function's number. */
const WINDOWS = [GET, 0, GET, 1, GET, 4, 0x41, 0, GET, ANY, GET, ANY, GET, ANY, CALL];
/** What that function reads: the input's size, the kernel's, dilations, padding, strides, the output's width and the size of a channel. */
const LAID_OUT = [24, 28, 36, 40, 48, 52, 60, 64, 84, 88, 104, 112];

/** Where `pattern` is in `body`, each time. */
function placesOf(pattern, body) {
  const places = [];
  for (let at = body.indexOf(pattern[0]); at >= 0; at = body.indexOf(pattern[0], at + 1))
    if (pattern.every((byte, i) => byte === ANY || body[at + i] === byte)) places.push(at);
  return places;
}

/** The kernel's only function: its type and its body. Nothing in them refers to the rest of its module. */
function functionOf(kernel) {
  const sections = sectionsOf(kernel);
  const [types, bodies] = [entriesOf(sections.get(TYPES)), bodiesOf(sections.get(CODE))];
  const other = [...sections.keys()].filter((kind) => ![TYPES, IMPORTS, FUNCTIONS, EXPORTS, CODE].includes(kind));
  if (types.count !== 1 || bodies.length !== 1 || importedFunctions(sections.get(IMPORTS)) > 0 || other.length > 0)
    throw new Error("The kernel is not one function that needs nothing but the memory");
  return { type: types.bytes, body: bodies[0] };
}

/** `body` after a call of the function `called` with the same arguments, and only if that returns 0. */
function afterCall(body, called) {
  const { take, number, left } = reader(body);
  for (let groups = number(); groups > 0; groups--) {
    number();
    take(1);
  }
  const start = body.length - left();
  const forward = Array.from({ length: ARGUMENTS }, (_, i) => [GET, i]).flat();
  const call = [...forward, CALL, ...leb(called), 0x04, 0x40, 0x0f, 0x0b];
  return Buffer.concat([body.subarray(0, start), Buffer.from(call), body.subarray(start)]);
}

/** `wasm` with `kernel` before its convolutions. */
export function withDirectDepthwise(wasm, kernel = Buffer.from(KERNEL, "base64")) {
  const sections = sectionsOf(wasm);
  const [types, functions, bodies] = [sections.get(TYPES), sections.get(FUNCTIONS), bodiesOf(sections.get(CODE))];
  const imported = importedFunctions(sections.get(IMPORTS));
  const laysOut = (body) => LAID_OUT.every((offset) => body.includes(Buffer.from(parameter(offset))));
  const calledAt = (body, at) => bodies[reader(body.subarray(at)).number() - imported];
  const found = bodies.filter(
    (body) => placesOf(BEGINNING, body).length === 1 && placesOf(WINDOWS, body).some((at) => laysOut(calledAt(body, at + WINDOWS.length))),
  );
  if (found.length !== 1)
    throw new Error(`${found.length} functions of convolutions were found instead of 1: see whether this version still needs another`);
  const { type, body } = functionOf(kernel);
  const changed = bodies.map((body) => (body === found[0] ? afterCall(body, imported + bodies.length) : body));
  return withSections(wasm, {
    [TYPES]: withEntry(types, type),
    [FUNCTIONS]: withEntry(functions, leb(entriesOf(types).count)),
    [CODE]: codeOf([...changed, body]),
  });
}
