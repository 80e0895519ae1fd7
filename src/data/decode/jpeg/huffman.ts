// Huffman codes of a JPEG (ISO 10918-1, annexes C and F), and the bits that they are read from. No values are decoded: only how many bits each
// symbol takes, which tells whether all blocks of a picture are there.

/** A code: for each 16 bits ahead, the length of the code word and its symbol. */
export interface HuffmanCode {
  /** [512]: by the next 9 bits, length × 256 + symbol; 0 if the word is longer. */
  readonly short: Uint16Array;
  /** [18]: by length, the first 16-bit window beyond all words of that length. */
  readonly limits: Int32Array;
  /** [17]: by length, what is subtracted from a word for its position among the symbols. */
  readonly offsets: Int32Array;
  readonly symbols: Uint8Array;
}

const SHORT = 9;

/** Makes a code of its numbers of words by length, [16], and its symbols. */
export function huffmanCode(counts: Uint8Array, symbols: Uint8Array): HuffmanCode {
  const short = new Uint16Array(1 << SHORT);
  const limits = new Int32Array(18);
  const offsets = new Int32Array(17);
  for (let length = 1, word = 0, position = 0; length <= 16; length++, word <<= 1) {
    offsets[length] = word - position;
    for (let i = 0; i < counts[length - 1]!; i++, word++, position++) {
      if (length > SHORT) continue;
      const first = word << (SHORT - length);
      short.fill((length << 8) | symbols[position]!, first, first + (1 << (SHORT - length)));
    }
    limits[length] = word << (16 - length);
  }
  limits[17] = 0x10000;
  return { short, limits, offsets, symbols };
}

/** Bits of a stretch of coded data, without the zeros that are stuffed behind 0xff; ones follow its end. */
export class Bits {
  private bytes = new Uint8Array();
  /** How many bits there are. */
  length = 0;
  /** The next bit. */
  at = 0;

  /** Takes the bits of `file` from byte `start` to byte `end`. */
  load(file: Uint8Array, start: number, end: number): void {
    const room = end - start + 8;
    if (this.bytes.length < room) this.bytes = new Uint8Array(room);
    const { bytes } = this;
    let to = 0;
    for (let from = start; from < end; from++) {
      const byte = file[from]!;
      bytes[to++] = byte;
      if (byte === 0xff && file[from + 1] === 0) from++;
    }
    bytes.fill(0xff, to, to + 8);
    this.length = 8 * to;
    this.at = 0;
  }

  /** The next 16 bits, without moving on. */
  peek(): number {
    const { at, bytes } = this;
    const byte = at >> 3;
    return (((bytes[byte]! << 16) | (bytes[byte + 1]! << 8) | bytes[byte + 2]!) >> (8 - (at & 7))) & 0xffff;
  }

  /** The number in the next `count` bits, at most 16. */
  take(count: number): number {
    const value = this.peek() >> (16 - count);
    this.at += count;
    return value;
  }

  /**
   * Reads past a block's coefficients after its first; false if a word is not of the code, or the data end before. The same as `symbol` for each
   * of them, in one loop, because most of a file is this.
   */
  skipCoefficients({ short, limits, offsets, symbols }: HuffmanCode): boolean {
    const { bytes, length } = this;
    let at = this.at;
    for (let k = 1; k < 64; ) {
      if (at >= length) return false;
      const byte = at >> 3;
      const ahead = (((bytes[byte]! << 16) | (bytes[byte + 1]! << 8) | bytes[byte + 2]!) >> (8 - (at & 7))) & 0xffff;
      const entry = short[ahead >> (16 - SHORT)]!;
      let symbol = entry & 255;
      if (entry !== 0) at += entry >> 8;
      else {
        let size = SHORT + 1;
        while (ahead >= limits[size]!) size++;
        const found = size > 16 ? undefined : symbols[(ahead >> (16 - size)) - offsets[size]!];
        if (found === undefined) return false;
        symbol = found;
        at += size;
      }
      const size = symbol & 15;
      if (size === 0 && symbol !== 0xf0) break;
      at += size;
      k += (symbol >> 4) + 1;
    }
    this.at = at;
    return at <= length;
  }

  /** The next symbol; −1 if no word of the code comes next, or nothing at all. */
  symbol(code: HuffmanCode): number {
    if (this.at >= this.length) return -1;
    const ahead = this.peek();
    const entry = code.short[ahead >> (16 - SHORT)]!;
    if (entry !== 0) {
      this.at += entry >> 8;
      return entry & 255;
    }
    let length = SHORT + 1;
    while (ahead >= code.limits[length]!) length++;
    if (length > 16) return -1;
    this.at += length;
    return code.symbols[(ahead >> (16 - length)) - code.offsets[length]!] ?? -1;
  }
}
