// Damages the values in JSON, so that it stays JSON and gets past the parser.

const BRACE = 0x7b;
/** Bytes before the header of a safetensors file, which are its length. */
const PREFIX = 8;
const VALUES = [
  ...[null, true, false, 0, -1, 1, 0.5, 1e308, 2 ** 31, 2 ** 53, "", "x", "../x", "\0", "\u001b[2J", "__proto__", "float32", "F16", "I64"],
  ...["[]", "{}", "[0]", "[null]", "[[]]", '{"a":0}', '["x","x"]', "[1,2,3,4,5]"].map((text) => ({ text })),
];

/** `bytes` with some of the values in its JSON replaced, deleted, exchanged, repeated or renamed; undefined if it holds no JSON. */
export function withOtherValues(bytes, draw) {
  const start = [0, PREFIX].find((place) => bytes[place] === BRACE);
  if (start === undefined) return undefined;
  const end = start === 0 ? bytes.length : start + Number(bytes.readBigUInt64LE());
  let value;
  try {
    value = JSON.parse(bytes.toString("utf8", start, end));
  } catch {
    return undefined;
  }
  for (let times = 1 + draw(3); times > 0; times--) {
    const places = placesIn(value);
    if (places.length > 0) CHANGES[draw(CHANGES.length)](places[draw(places.length)], draw, places);
  }
  const json = Buffer.from(JSON.stringify(value));
  if (start === 0) return json;
  const length = Buffer.alloc(PREFIX);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, bytes.subarray(Math.min(end, bytes.length))]);
}

/** Every value within `value`, by what holds it and its key there. */
function placesIn(value, places = []) {
  if (typeof value !== "object" || value === null) return places;
  for (const key of Object.keys(value)) {
    places.push({ holder: value, key });
    placesIn(value[key], places);
  }
  return places;
}

function drawn(draw) {
  const value = VALUES[draw(VALUES.length)];
  return typeof value === "object" && value !== null ? JSON.parse(value.text) : value;
}

const CHANGES = [
  ({ holder, key }, draw) => {
    holder[key] = drawn(draw);
  },
  ({ holder, key }) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  ({ holder, key }, draw, places) => {
    const other = places[draw(places.length)];
    // A copy: a value cannot hold itself.
    holder[key] = JSON.parse(JSON.stringify(other.holder[other.key] ?? null));
  },
  ({ holder, key }, draw) => {
    if (typeof holder[key] === "number") holder[key] = [holder[key] + 1, -holder[key], holder[key] * 2, holder[key] / 2][draw(4)];
    else if (typeof holder[key] === "string") holder[key] = holder[key].slice(draw(holder[key].length + 1));
    else holder[key] = [holder[key]];
  },
  ({ holder, key }, draw) => {
    if (Array.isArray(holder)) holder.push(...Array.from({ length: 1 + draw(4) }, () => holder[key]));
    else holder[`${key}${draw(10)}`] = holder[key];
  },
];
