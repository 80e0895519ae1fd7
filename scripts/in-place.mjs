// Clip and HardSigmoid of ONNX Runtime's WebAssembly where their output takes their input's place, as in most of a training step. As compiled,
// their loops take four numbers at a time only where the output begins 16 bytes behind the input or more, else one at a time. What
// they read at once they have read before they write it, so that the same place is right too: here it is taken as well, to the same bits.
// Measurements are in bench/results/browser-kernels.md.

import { bodiesOf, CODE, codeOf, sectionsOf, withSections } from "./wasm.mjs";

const ANY = undefined;
const [LOAD, STORE] = [
  [0xfd, 0x00, 0x02, 0x00],
  [0xfd, 0x0b, 0x02, 0x00],
];
const [PMIN, PMAX, MULTIPLY, ADD, BELOW, AND_NOT] = [0xea, 0xeb, 0xe6, 0xe4, 0x43, 0x4f].map((code) =>
  code < 128 ? [0xfd, code] : [0xfd, code, 0x01],
);
const get = [0x20, ANY];
const tee = [0x22, ANY];
const ones = [0xfd, 0x0c, ...Array(4).fill([0, 0, 0x80, 0x3f]).flat()];
const zeros = [0xfd, 0x0c, ...Array(16).fill(0)];

/** What the loops do with four numbers, from reading to writing them, and how many there are. */
const LOOPS = [
  { steps: [...LOAD, ...get, ...PMAX, ...get, ...PMIN, ...STORE], count: 8 },
  { steps: [...LOAD, ...MULTIPLY, ...ADD, ...ones, ...PMIN, ...tee, ...get, ...zeros, ...BELOW, ...AND_NOT, ...STORE], count: 2 },
];

/** The distance between output and input is below 16: numbers are taken one by one. */
const CHECK = Buffer.of(0x6b, 0x41, 16, 0x49, 0x0d);
/** The same, but for 0: 1 less is below 15. */
const OTHER = Buffer.of(0x6b, 0x41, 1, 0x6b, 0x41, 15, 0x49, 0x0d);
/** Bytes in which the check comes before what the loop does. */
const NEAR = 80;

/** Where `steps` are in `body`, each time. */
function placesOf(steps, body) {
  const first = Buffer.from(steps.slice(0, steps.indexOf(ANY) < 0 ? steps.length : steps.indexOf(ANY)));
  const places = [];
  for (let at = body.indexOf(first); at >= 0; at = body.indexOf(first, at + 1))
    if (steps.every((byte, i) => byte === ANY || body[at + i] === byte)) places.push(at);
  return places;
}

/** `wasm` with vectors in these loops also in place. */
export function withVectorsInPlace(wasm) {
  const bodies = bodiesOf(sectionsOf(wasm).get(CODE));
  for (const { steps, count } of LOOPS) {
    let changed = 0;
    for (const [i, body] of bodies.entries()) {
      // From the last, so that the places before it stay.
      for (const place of placesOf(steps, body).reverse()) {
        const at = bodies[i].lastIndexOf(CHECK, place);
        if (at < place - NEAR) continue;
        bodies[i] = Buffer.concat([bodies[i].subarray(0, at), OTHER, bodies[i].subarray(at + CHECK.length)]);
        changed++;
      }
    }
    if (changed !== count)
      throw new Error(`${changed} loops of an activation were found instead of ${count}: see whether this version still needs others`);
  }
  return withSections(wasm, { [CODE]: codeOf(bodies) });
}
