// thaw's public API in a browser: that of Node without what needs a disk, which docs/browser.md lists.

export { ImageError } from "./data/decode/image.ts";
export * from "./index.common.ts";
