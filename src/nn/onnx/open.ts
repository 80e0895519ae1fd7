// The contract of opening ONNX files on both platforms (#open-onnx).

import type { ReadExternal } from "../../graph/source/tensors.ts";

export interface OnnxFile {
  /** The file's name in its folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Reads from the files beside it. */
  readonly external: ReadExternal;
}

/** Opens the ONNX file `file`: a path in Node, an address in a browser. Throws a UsageError if it cannot be read. */
export type OpenOnnx = (file: string) => Promise<OnnxFile>;
