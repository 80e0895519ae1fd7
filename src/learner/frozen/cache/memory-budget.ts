// Limits the memory of chunks that were read. Chunks beyond it are read row by row from the disk, whose pages the operating system caches, so
// that any number of images takes the same memory, and no order of reading them reads a chunk twice.

/** Memory of all open entries, in bytes. More would save hardly any time if the system has cached the pages. */
const LIMIT = 2 ** 26;

/** A number of bytes for chunks, which entries share. */
export class MemoryBudget {
  #left: number;

  constructor(bytes = LIMIT) {
    this.#left = bytes;
  }

  /** Reserves `bytes`; false if they are not left. */
  reserve(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}
