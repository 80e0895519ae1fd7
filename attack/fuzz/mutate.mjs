// Damages bytes in ways that parsers are sensitive to. The same numbers give the same damage.

import { withOtherValues } from "./mutate-json.mjs";

const NUMBERS = [0, 1, 2, 7, 8, 127, 128, 255, 256, 32767, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const WORDS = [
  ...["null", "true", "[]", "{}", '""', "0", "-1", "1e999", "-0", "9007199254740993", "1e-400", "18446744073709551616", "NaN"],
  ...[
    '"__proto__"',
    '"constructor"',
    '"\\ud800"',
    '"../../x"',
    '"\\u0000"',
    "[[[[[[[[",
    '{"a":'.repeat(20),
    ",",
    "\n",
    "\r",
    '"',
    "\t",
    ";",
    "\u0000",
  ],
  ...["F32", "BF16", "float32", "int64", "shape", "data_offsets", "__metadata__"],
].map((word) => Buffer.from(word));

/** A generator of integers below a bound. */
export function generator(seed) {
  let state = (seed | 0) + 0x6d2b79f5;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A damaged copy of one of `corpus`. Two thirds of those with JSON get other values in it, and half of these no other damage. */
export function mutated(corpus, draw) {
  const chosen = corpus[draw(corpus.length)];
  const changed = draw(3) > 0 ? withOtherValues(chosen, draw) : undefined;
  if (changed !== undefined && draw(2) === 0) return changed;
  let bytes = changed ?? Buffer.from(chosen);
  for (let times = 1 + draw(4); times > 0; times--) bytes = MUTATIONS[draw(MUTATIONS.length)](bytes, draw, corpus);
  return bytes;
}

const at = (bytes, draw) => draw(bytes.length + 1);
const replaced = (bytes, from, to, by) => Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
const some = (bytes, draw) => {
  const from = at(bytes, draw);
  return [from, Math.min(bytes.length, from + 1 + draw(draw(4) === 0 ? 1000 : 16))];
};

const MUTATIONS = [
  (bytes, draw) => {
    if (bytes.length > 0) bytes[draw(bytes.length)] ^= 1 << draw(8);
    return bytes;
  },
  (bytes, draw) => {
    if (bytes.length > 0) bytes[draw(bytes.length)] = NUMBERS[draw(NUMBERS.length)];
    return bytes;
  },
  (bytes, draw) => {
    if (bytes.length < 8) return bytes;
    const place = draw(bytes.length - 7);
    const number = NUMBERS[draw(NUMBERS.length)];
    const write = [
      () => bytes.writeUInt32LE(number, place),
      () => bytes.writeUInt32BE(number, place),
      () => bytes.writeBigUInt64LE(BigInt(number) << 20n, place),
    ];
    write[draw(3)]();
    return bytes;
  },
  (bytes, draw) => bytes.subarray(0, at(bytes, draw)),
  (bytes, draw) => replaced(bytes, ...some(bytes, draw), Buffer.alloc(0)),
  (bytes, draw) => {
    const [from, to] = some(bytes, draw);
    return replaced(bytes, to, to, bytes.subarray(from, to));
  },
  (bytes, draw) => {
    const place = at(bytes, draw);
    return replaced(bytes, place, place, Buffer.from(Array.from({ length: 1 + draw(8) }, () => draw(256))));
  },
  (bytes, draw) => {
    const place = at(bytes, draw);
    return replaced(bytes, place, draw(2) === 0 ? place : Math.min(bytes.length, place + draw(6)), WORDS[draw(WORDS.length)]);
  },
  // A number in a text.
  (bytes, draw) => {
    const from = at(bytes, draw);
    let start = from;
    while (start < bytes.length && !(bytes[start] >= 48 && bytes[start] <= 57)) start++;
    let end = start;
    while (end < bytes.length && bytes[end] >= 43 && bytes[end] <= 57) end++;
    return replaced(bytes, start, end, WORDS[draw(WORDS.length)]);
  },
  (bytes, draw, corpus) => {
    const other = corpus[draw(corpus.length)];
    const place = at(bytes, draw);
    return replaced(bytes, place, bytes.length, other.subarray(at(other, draw)));
  },
];
