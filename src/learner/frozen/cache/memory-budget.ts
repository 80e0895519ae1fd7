// Memory for chunks that were read. What has no room in it is read row by row from the disk, whose pages the operating system keeps, so that
// any number of images takes the same memory, and going through them in any order reads no chunk twice.

/** Memory of all the entries that are open at once, in bytes. More would save hardly any time where the system has the pages. */
const LIMIT = 2 ** 26;

/** Room for so many bytes of chunks, which entries share. */
export class MemoryBudget {
  #left: number;

  constructor(bytes = LIMIT) {
    this.#left = bytes;
  }

  /** Takes room for `bytes`; false where there is none left. */
  reserve(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}
