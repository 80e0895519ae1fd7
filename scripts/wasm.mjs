// Parts of WebAssembly's binary format, for the scripts that change a file of it.

/** The bytes before the first section. */
const HEADER = 8;
/** The numbers of sections. */
export const [TYPES, IMPORTS, FUNCTIONS, EXPORTS, CODE] = [1, 2, 3, 7, 10];

/** `value` in LEB128, for values below 2^32. */
export function leb(value) {
  return value < 128 ? [value] : [(value % 128) | 128, ...leb(Math.floor(value / 128))];
}

const counted = (bytes, count = bytes.length) => Buffer.concat([Buffer.from(leb(count)), bytes]);

/** Reads `bytes` from the front. */
export function reader(bytes) {
  let at = 0;
  const take = (length) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = () => {
    const byte = bytes[at++];
    return byte < 128 ? byte : byte - 128 + 128 * number();
  };
  /** What follows, each item behind its length. */
  const items = (count) => Array.from({ length: count }, () => take(number()));
  return { take, number, items, left: () => bytes.length - at };
}

/** The contents of a file's sections, by their numbers. */
export function sectionsOf(wasm) {
  const sections = reader(wasm.subarray(HEADER));
  const found = new Map();
  while (sections.left() > 0) found.set(sections.number(), sections.items(1)[0]);
  return found;
}

/** `wasm` with other contents of the sections that `changes` names. */
export function withSections(wasm, changes) {
  const sections = reader(wasm.subarray(HEADER));
  const parts = [wasm.subarray(0, HEADER)];
  while (sections.left() > 0) {
    const [kind] = sections.take(1);
    const [content] = sections.items(1);
    parts.push(Buffer.from([kind]), counted(changes[kind] ?? content));
  }
  return Buffer.concat(parts);
}

/** The functions' bodies that a section of code contains. */
export function bodiesOf(code) {
  const bodies = reader(code);
  return bodies.items(bodies.number());
}

/** A section of code of these bodies. */
export const codeOf = (bodies) => counted(Buffer.concat(bodies.map((body) => counted(body))), bodies.length);

/** How many entries a section has, and their bytes. */
export function entriesOf(section) {
  const entries = reader(section);
  const count = entries.number();
  return { count, bytes: entries.take(entries.left()) };
}

/** A section with one more entry. */
export function withEntry(section, entry) {
  const { count, bytes } = entriesOf(section);
  return counted(Buffer.concat([bytes, Buffer.from(entry)]), count + 1);
}

/** How many functions a section of imports has. */
export function importedFunctions(imports) {
  const { take, number, items } = reader(imports);
  const limits = () => {
    const bounded = number() % 2 === 1;
    number();
    if (bounded) number();
  };
  const skips = [number, () => [take(1), limits()], limits, () => take(2)];
  const kinds = Array.from({ length: number() }, () => {
    items(2);
    const [kind] = take(1);
    skips[kind]();
    return kind;
  });
  return kinds.filter((kind) => kind === 0).length;
}
