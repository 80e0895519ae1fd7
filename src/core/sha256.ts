// The contract that both platforms' SHA-256 meets (#sha256).

/** The SHA-256 of the concatenated `pieces`, texts as UTF-8, in lower-case hex. */
export type Sha256 = (pieces: Iterable<string | Uint8Array>) => string;
