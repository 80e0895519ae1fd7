// The network layer's public API: the architectures, their building blocks and their weights.

export * from "./activations.ts";
export { architectureOf, architectures } from "./catalogue.ts";
export { type CreateHeadOptions, createHead } from "./head.ts";
export { initialiseParameters } from "./initialise.ts";
export * from "./layers.ts";
export * from "./pooling.ts";
export { defaultWeights, type HubFile, type PublishedWeights, publishedWeights } from "./published/published.ts";
export { readSafetensors, type WriteOptions, writeSafetensors } from "./safetensors.ts";
export * from "./scope.ts";
export { bodyParameters, loadBody, matchParameters, networkParameters } from "./weights.ts";
