export function withVectorsInPlace(wasm: Uint8Array): Buffer;
