// Where images are read: the contract of "#load", which is worker threads in Node and workers in a browser.

import type { Failure, ImageFile } from "./image-file.ts";
import type { Inspection } from "./inspect.ts";
import type { LoadTask } from "./load-task.ts";
import type { Scanned, ScanTask } from "./scan-file.ts";

export interface Pool {
  /** How many images are read at a time by default. */
  workers(): number;
  /** Pixels [size, size, channels] of one image. */
  load(task: LoadTask): Promise<Uint8Array | Failure>;
  /** Decodes an image once, to know that it can be. */
  scan(task: ScanTask): Promise<Scanned | Failure>;
  /** What a check wants to know of an image. */
  inspect(file: ImageFile): Promise<Inspection | Failure>;
  /** Ends the worker threads; those who read images later start new ones. A script that ends by itself does not need this. */
  close(): Promise<void>;
}
