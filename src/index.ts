// thaw's public API in Node; index.browser.ts is that of a browser. The layers core, graph, runtime, nn, data and classifier are entries of their
// own too, such as "thaw/graph".

export { type ResizeSummary, resizeFolder } from "./data/resize/resize.ts";
export * from "./index.common.ts";
export { drawSample, type Sample, type SampleOptions } from "./sample/sample.node.ts";
