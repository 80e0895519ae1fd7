// The contract that both platforms' storage meets: files read by name, in Node from the disk, in a browser from an address.

export interface Storage {
  /** The bytes of the file `name` in `folder`: a path in Node, an address in a browser. Throws where there is none. */
  read(folder: string, name: string): Promise<Uint8Array>;
  /** The SHA-256 of `bytes` in lower-case hex, by the platform's own code where it has some. */
  hash(bytes: Uint8Array): Promise<string>;
}
