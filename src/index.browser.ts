// thaw's public API in a browser: that of Node without what needs a disk, which docs/browser.md lists.

export { folderStore, type WritableFile, type WritableFolder } from "./core/store/folder.browser.ts";
export { ImageError } from "./data/decode/image.ts";
export { type Frame, photoFromFrame } from "./data/photographs/frame.ts";
export {
  type DroppedItems,
  type FileHandle,
  type FolderHandle,
  type PickedFile,
  photosFromDrop,
  photosFromFiles,
  photosFromFolder,
} from "./data/photographs/picked.ts";
export * from "./index.common.ts";
export type { WorkerTrainOptions } from "./page/messages.ts";
export { type TrainingWorker, trainInWorker } from "./page/train-in-worker.browser.ts";
