// The inner loop of matrix products in ONNX Runtime's WebAssembly, in an order that V8 makes faster code of: it gives the same bits. The loop
// multiplies two rows by 16 columns, two steps at a time. As compiled, it reads both steps of all columns first, which takes more
// registers than x64 has for V8's code, so that sums are kept in memory. Here each vector is read just before both rows take their product
// with it. Measurements are in bench/results/browser-kernels.md.

import { bodiesOf, CODE, codeOf, leb, sectionsOf, withSections } from "./wasm.mjs";

const OPCODES = {
  get: [0x20],
  set: [0x21],
  tee: [0x22],
  constant: [0x41],
  above: [0x4b],
  plus: [0x6a],
  minus: [0x6b],
  shift: [0x74],
  load: [0xfd, 0x00, 0x00],
  splat: [0xfd, 0x09, 0x02],
  add: [0xfd, 0xe4, 0x01],
  multiply: [0xfd, 0xe6, 0x01],
};

/** Numbers of locals are names here: they differ between the loops. A number is as it is written in the file. */
const get = (local) => [...OPCODES.get, local];
const set = (local) => [...OPCODES.set, local];
const tee = (local) => [...OPCODES.tee, local];
const constant = (value) => [...OPCODES.constant, ...leb(value)];
const { above, plus, minus, shift, add, multiply } = OPCODES;
/** Of a vector, and of one number into all four places. */
const load = (pointer, offset) => [...get(pointer), ...OPCODES.load, ...leb(offset)];
const splat = (offset) => [...OPCODES.splat, ...leb(offset)];

/** Bytes that a step takes in the second matrix, whose columns are packed by 16. */
const STEP = 64;
/** The second row's address. */
const below = [...get("a"), ...get("width"), ...constant(2), ...shift, ...plus];
const advance = [
  ...[...get("b"), 0x41, 0x80, 0x01, ...plus, ...set("b")],
  ...[...get("a"), ...constant(8), ...plus, ...set("a")],
  ...[...get("left"), ...constant(2), ...minus, ...tee("left"), ...constant(1), ...above],
];
/** The columns' vectors, in the order in which they are compiled. */
const VECTORS = [3, 2, 1, 0];

/** The loop as compiled; sums are `upper0` to `lower3`. */
const COMPILED = [
  ...VECTORS.flatMap((vector) => {
    const first = vector === 3;
    const factor = (step) => (first ? [...get("a"), ...splat(4 * step), ...tee(`upper, step ${step}`)] : get(`upper, step ${step}`));
    const product = (step) => [
      ...factor(step),
      ...[...load("b", STEP * step + 16 * vector), ...tee(`b${vector}, step ${step}`), ...multiply, ...add],
    ];
    return [...get(`upper${vector}`), ...product(0), ...product(1), ...set(`upper${vector}`)];
  }),
  ...VECTORS.flatMap((vector) => {
    const [row0, row1] = [get("lower, step 0"), get("lower, step 1")];
    const [b0, b1] = [get(`b${vector}, step 0`), get(`b${vector}, step 1`)];
    const read0 = [...below, ...tee("below"), ...splat(0), ...tee("lower, step 0")];
    const read1 = [...get("below"), ...constant(4), ...plus, ...splat(0), ...tee("lower, step 1")];
    const product0 = vector === 3 ? [...read0, ...b0] : vector === 0 ? [...b0, ...row0] : [...row0, ...b0];
    const product1 = [...(vector === 3 ? read1 : row1), ...b1];
    return [...get(`lower${vector}`), ...product0, ...multiply, ...add, ...product1, ...multiply, ...add, ...set(`lower${vector}`)];
  }),
  ...advance,
];

/** The same sums. */
const FASTER = [
  ...[...below, ...set("below")],
  ...[0, 1].flatMap((step) => [
    ...[...get("a"), ...splat(4 * step), ...set("upper, step 0")],
    ...[...get("below"), ...splat(4 * step), ...set("upper, step 1")],
    ...VECTORS.flatMap((vector) => {
      const plusProduct = (sum, factor) => [...get(sum), ...get(factor), ...get("b3, step 0"), ...multiply, ...add, ...set(sum)];
      return [
        ...[...load("b", STEP * step + 16 * vector), ...set("b3, step 0")],
        ...plusProduct(`upper${vector}`, "upper, step 0"),
        ...plusProduct(`lower${vector}`, "upper, step 1"),
      ];
    }),
  ]),
  ...advance,
];

/** The locals of the loop that begins at `start`, by their names; undefined if another one begins there. */
function localsAt(bytes, start) {
  const locals = new Map();
  for (const [i, token] of COMPILED.entries()) {
    const found = bytes[start + i];
    if (typeof token === "number" ? found !== token : (locals.get(token) ?? found) !== found) return undefined;
    if (typeof token === "string") locals.set(token, found);
  }
  return locals;
}

/** The body of a function with its loop replaced; undefined if it has none. */
function withFasterLoop(body) {
  // The loop begins with two locals and this.
  const third = Buffer.from(splat(0));
  for (let at = body.indexOf(third); at >= 0; at = body.indexOf(third, at + 1)) {
    const start = at - get("").length * 2;
    const locals = localsAt(body, start);
    if (!locals) continue;
    const used = [...new Set(FASTER.filter((token) => typeof token === "string"))].map((name) => locals.get(name));
    if (new Set(used).size < used.length) throw new Error("Two values of the faster loop have one local");
    const loop = Buffer.from(FASTER.map((token) => (typeof token === "string" ? locals.get(token) : token)));
    return Buffer.concat([body.subarray(0, start), loop, body.subarray(start + COMPILED.length)]);
  }
  return undefined;
}

/** `wasm` with the faster loop in both of its functions: one writes the products, one adds them to what is there. */
export function withFasterProducts(wasm) {
  let replaced = 0;
  const bodies = bodiesOf(sectionsOf(wasm).get(CODE)).map((body) => {
    const faster = withFasterLoop(body);
    if (faster) replaced++;
    return faster ?? body;
  });
  if (replaced !== 2)
    throw new Error(`${replaced} loops of matrix products were found instead of 2: see whether this version still needs them`);
  return withSections(wasm, { [CODE]: codeOf(bodies) });
}
