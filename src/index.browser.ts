// thaw's public API in a browser: that of thaw/classifier, what uses a trained model. Training needs Node.

export * from "./classifier/index.ts";
