// CRC-32C in a browser, by a table of the remainders of all bytes.

import type { Crc32c } from "./crc32c.ts";

/** The polynomial, its lowest power first. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
  return remainder;
});

export const crc32c: Crc32c = (bytes) => {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = TABLE[(remainder ^ byte) & 255]! ^ (remainder >>> 8);
  return (remainder ^ 0xffffffff) >>> 0;
};
