export function withFasterProducts(wasm: Uint8Array): Buffer;
