// The parts of ONNX Runtime in the folder vendor, which scripts/vendor-engine.mjs fills. All have the API of onnxruntime-common.

declare module "#onnxruntime-node" {
  export * from "onnxruntime-common";
}
declare module "#onnxruntime-web/node" {
  export * from "onnxruntime-common";
}
declare module "#onnxruntime-web/wasm" {
  export * from "onnxruntime-common";
}
declare module "#onnxruntime-web/webgpu" {
  export * from "onnxruntime-common";
}
