// Readers of a JPEG's blocks that read past their coefficients: what is asked is whether a block is there, not what it holds (ISO 10918-1, F.2.2
// and G.1.2).

import type { Bits, HuffmanCode } from "./huffman.ts";

/** What a block is read with. */
export interface BlockCodes {
  readonly dc: HuffmanCode | undefined;
  readonly ac: HuffmanCode | undefined;
  /** Of a progressive JPEG, for each block the coefficients that are known not to be 0, as two halves of 32 bits. */
  readonly known: Uint32Array;
}

/** Of a progressive JPEG, which coefficients a scan brings, and whether they were there before, less exactly. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly refines: boolean;
}

/** Reads the block numbered `block`; false if its data end before it does, or are no data. */
export interface BlockReader {
  read(codes: BlockCodes, block: number): boolean;
  /** Forgets what goes on from block to block, as a restart marker says. */
  restart(): void;
}

/** Of all scans but a progressive JPEG's. */
export function sequentialReader(bits: Bits): BlockReader {
  return {
    restart: () => undefined,
    read({ dc, ac }) {
      return dc !== undefined && ac !== undefined && readDc(bits, dc) && bits.skipCoefficients(ac);
    },
  };
}

export function progressiveReader(bits: Bits, band: Band): BlockReader {
  if (band.from > 0) return band.refines ? refiningReader(bits, band) : firstReader(bits, band);
  return {
    restart: () => undefined,
    read({ dc }) {
      if (!band.refines) return dc !== undefined && readDc(bits, dc) && bits.at <= bits.length;
      return ++bits.at <= bits.length;
    },
  };
}

function readDc(bits: Bits, code: HuffmanCode): boolean {
  const size = bits.symbol(code);
  bits.at += size;
  return size >= 0;
}

function firstReader(bits: Bits, { from, to }: Band): BlockReader {
  // Blocks to come that have nothing in this band.
  let empty = 0;
  return {
    restart: () => {
      empty = 0;
    },
    read({ ac, known }, block) {
      if (empty > 0) {
        empty--;
        return true;
      }
      if (!ac) return false;
      for (let k = from; k <= to; k++) {
        const symbol = bits.symbol(ac);
        if (symbol < 0) return false;
        const [run, size] = [symbol >> 4, symbol & 15];
        if (size === 0 && run < 15) {
          empty = (1 << run) - 1 + bits.take(run);
          break;
        }
        k += run;
        if (size > 0) note(known, block, k);
        bits.at += size;
      }
      return bits.at <= bits.length;
    },
  };
}

function refiningReader(bits: Bits, { from, to }: Band): BlockReader {
  let empty = 0;
  return {
    restart: () => {
      empty = 0;
    },
    read({ ac, known }, block) {
      if (!ac) return false;
      let k = from;
      while (empty === 0 && k <= to) {
        const symbol = bits.symbol(ac);
        if (symbol < 0) return false;
        let run = symbol >> 4;
        const isNew = (symbol & 15) !== 0;
        if (!isNew && run < 15) {
          empty = (1 << run) + bits.take(run);
          break;
        }
        if (isNew) bits.at++;
        for (; k <= to; k++) {
          if (isKnown(known, block, k)) bits.at++;
          else if (run-- === 0) break;
        }
        if (isNew && k <= to) note(known, block, k);
        k++;
      }
      if (empty > 0) {
        for (; k <= to; k++) if (isKnown(known, block, k)) bits.at++;
        empty--;
      }
      return bits.at <= bits.length;
    },
  };
}

function isKnown(known: Uint32Array, block: number, k: number): boolean {
  return ((known[2 * block + (k >> 5)]! >>> (k & 31)) & 1) === 1;
}

function note(known: Uint32Array, block: number, k: number): void {
  if (k < 64) known[2 * block + (k >> 5)]! |= 1 << (k & 31);
}
