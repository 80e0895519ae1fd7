export function withDirectDepthwise(wasm: Uint8Array, kernel?: Uint8Array): Buffer;
