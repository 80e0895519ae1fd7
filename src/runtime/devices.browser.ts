// The devices of sessions in a browser: WebAssembly and WebGPU.

export const DEVICES = ["wasm", "webgpu"] as const;
