// Files that a person with bad intentions would write, by parser and name.

const text = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const deep = (open, close, times) => open.repeat(times) + close.repeat(times);

/** What no JSON file of thaw is. */
const NO_JSON = {
  "nothing at all": "",
  "a null byte": "\0",
  null: "null",
  "a number": "1e999",
  "a string": '"x"',
  "an empty list": "[]",
  "an empty object": "{}",
  "a hundred thousand brackets": "[".repeat(100_000),
  "a hundred thousand closed brackets": deep("[", "]", 100_000),
  "objects in objects": deep('{"a":', "", 50_000),
  "a string of ten million": `"${"x".repeat(10_000_000)}"`,
  "a prototype": '{"__proto__":{"format":"thaw","version":1}}',
  "a constructor": '{"constructor":{"prototype":{"format":"thaw"}}}',
  "half a surrogate": '{"format":"\\ud800"}',
  "a mark before it": "\ufeff{}",
  "something after it": "{} x",
  "a comma too many": '{"format":"thaw",}',
  "a web page": "<!doctype html><html></html>",
  "a hundred thousand keys": `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`).join(",")}}`,
  "the same key twice": '{"format":"thaw","format":"x","version":1,"version":2}',
};
/** What a field could hold instead. */
const VALUES = {
  missing: undefined,
  null: null,
  "-1": -1,
  "1e308": 1e308,
  "2^53": 2 ** 53,
  0.5: 0.5,
  true: true,
  "an empty text": "",
  "a path": "../../../../etc/passwd",
  "a null character": "a\0b",
  "a control sequence": "\u001b[2J\u001b]0;x\u0007",
  markup: "<script>alert(1)</script>",
  "a million letters": "x".repeat(1_000_000),
  "an empty list": [],
  "a million numbers": Array.from({ length: 1_000_000 }, () => 0),
  "an empty object": {},
  "lists in lists": JSON.parse(deep("[", "]", 2000)),
};

/** The valid JSON file `bytes` with each field replaced by each value, and what is no such file at all. */
function* damagedJson(bytes) {
  for (const [name, content] of Object.entries(NO_JSON)) yield [name, text(content)];
  yield ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x7b, 0x80])];
  const valid = JSON.parse(bytes.toString());
  for (const key of Object.keys(valid))
    for (const [name, value] of Object.entries(VALUES)) yield [`${key}: ${name}`, text({ ...valid, [key]: value })];
}

function tensors(header, bytes = 16, length = undefined) {
  const json = text(header);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? json.length));
  return Buffer.concat([size, json, Buffer.alloc(bytes)]);
}

function* damagedTensors() {
  const tensor = { dtype: "F32", shape: [4], data_offsets: [0, 16] };
  for (const [name, change] of Object.entries({
    "a negative side": { shape: [-4] },
    "half a side": { shape: [0.5] },
    "sides that overflow": { shape: [2 ** 31, 2 ** 31, 2 ** 31] },
    "a thousand sides": { shape: Array.from({ length: 1000 }, () => 1) },
    "a hundred thousand sides": { shape: Array.from({ length: 100_000 }, () => 1) },
    "no sides": { shape: null },
    "an unknown type": { dtype: "F4" },
    "a type that is no text": { dtype: {} },
    "offsets that go back": { data_offsets: [16, 0] },
    "offsets below zero": { data_offsets: [-16, 0] },
    "offsets beyond the file": { data_offsets: [2 ** 52, 2 ** 52 + 16] },
    "one offset": { data_offsets: [0] },
    "offsets in words": { data_offsets: ["0", "16"] },
    "an offset that is none": { data_offsets: [0, null] },
  }))
    yield [name, tensors({ a: { ...tensor, ...change } })];
  yield ["two tensors in one place", tensors({ a: tensor, b: tensor })];
  yield ["a hole between two", tensors({ a: tensor, b: { ...tensor, data_offsets: [20, 36] } }, 36)];
  yield ["more bytes than tensors", tensors({ a: tensor }, 1000)];
  yield ["a name that is a prototype", tensors('{"__proto__":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}')];
  yield ["metadata that are no texts", tensors({ __metadata__: { a: {} }, a: tensor })];
  for (const length of [0, 1, 2 ** 31, 2 ** 53, 2n ** 63n, 2n ** 64n - 1n])
    yield [`a header of ${length} bytes`, tensors({ a: tensor }, 16, length)];
  for (const size of [0, 1, 7, 8, 9]) yield [`${size} bytes`, tensors({ a: tensor }).subarray(0, size)];
}

function* damagedTables() {
  for (const [name, content] of Object.entries({
    "nothing at all": "",
    "a line break": "\n",
    "null characters": "\0".repeat(1000),
    "an open quote": '"a.jpg',
    "a million quotes": '"'.repeat(1_000_000),
    "a million commas": ",".repeat(1_000_000),
    "a million lines": "a.jpg,cat\n".repeat(1_000_000),
    "a line of ten million letters": `a.jpg,${"x".repeat(10_000_000)}\n`,
    "a path out of the folder": "name,label\n../../etc/passwd,cat\n",
    "an absolute path": "name,label\n/etc/passwd,cat\n",
    "a name with a null character": "name,label\na\0.jpg,cat\n",
    "control sequences": "name,label\n\u001b[2J.jpg,\u001b]0;x\u0007\n",
    "a formula": "name,label\na.jpg,=cmd|' /C calc'!A0\n",
    "a prototype": "name,label\n__proto__,constructor\n",
    "cells of different numbers": "a.jpg\nb.jpg,1,2,3\nc.jpg,1\n",
    "numbers that are none": "id,x\na.jpg,1e999\nb.jpg,NaN\nc.jpg,0x10\n",
    "UTF-16": Buffer.from("\ufeffname,label\na.jpg,cat\n", "utf16le"),
    "bytes that are no text": Buffer.from([0xff, 0xfe, 0xfd, 0x0a, 0x80]),
  }))
    yield [name, Buffer.from(content)];
}

function* damagedImages(inputs) {
  const heads = {
    JPEG: [0xff, 0xd8, 0xff, 0xe0],
    PNG: [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    GIF: [0x47, 0x49, 0x46, 0x38, 0x39, 0x61],
    TIFF: [0x49, 0x49, 42, 0],
  };
  for (const [name, head] of Object.entries(heads)) {
    yield [`the beginning of a ${name}`, Buffer.from(head)];
    yield [`a ${name} of zeros`, Buffer.concat([Buffer.from(head), Buffer.alloc(1_000_000)])];
    yield [`a ${name} of ones`, Buffer.concat([Buffer.from(head), Buffer.alloc(1_000_000, 255)])];
  }
  for (const [i, bytes] of inputs.entries()) {
    yield [`image ${i} without its end`, bytes.subarray(0, bytes.length - 1)];
    yield [`image ${i} cut in half`, bytes.subarray(0, bytes.length >> 1)];
    yield [`image ${i} with a second half of ones`, Buffer.concat([bytes.subarray(0, bytes.length >> 1), Buffer.alloc(bytes.length, 255)])];
  }
}

function* damagedNetworks(inputs) {
  yield ["nothing at all", Buffer.alloc(0)];
  yield ["zeros", Buffer.alloc(10_000)];
  yield ["ones", Buffer.alloc(10_000, 255)];
  yield ["a field of 2^63 bytes", Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])];
  yield ["a thousand fields in each other", Buffer.concat(Array.from({ length: 1000 }, () => Buffer.from([0x3a, 0x7f])))];
  for (const [i, bytes] of inputs.entries())
    for (const tenth of [1, 3, 5, 7, 9]) yield [`network ${i} cut at ${tenth}0 %`, bytes.subarray(0, (bytes.length * tenth) / 10)];
}

/** Hostile files for the parser `name`, made from its valid inputs: pairs of a name and bytes. */
export function hostileFor(name, inputs) {
  if (name === "safetensors") return damagedTensors();
  if (name === "csv") return damagedTables();
  if (name === "image") return damagedImages(inputs);
  if (name.startsWith("onnx")) return damagedNetworks(inputs);
  return damagedJson(inputs[0]);
}
