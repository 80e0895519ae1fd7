// The contract that both platforms' CRC-32C meets (#crc32c).

/** The CRC-32C (Castagnoli) of `bytes`, as an unsigned number of 32 bits. */
export type Crc32c = (bytes: Uint8Array) => number;
