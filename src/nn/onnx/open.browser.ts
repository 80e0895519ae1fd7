// Opens ONNX files in a browser, by their address. Data in other files is not supported.

import { storage } from "#storage";
import { UsageError } from "../../core/errors.ts";
import type { OpenOnnx } from "./open.ts";

export const openOnnx: OpenOnnx = async (file) => {
  const { store, key } = storage.fileReader(file);
  const bytes = await store.get(key).catch((cause) => {
    throw unreadable(file, cause);
  });
  if (!bytes) throw unreadable(file);
  return {
    name: key,
    bytes,
    external(location) {
      throw new UsageError(`${file} needs the file "${location}" beside it, which a browser cannot read`, "Save the model as one file.");
    },
  };
};

function unreadable(file: string, cause?: unknown): UsageError {
  return new UsageError(`Cannot read the ONNX file ${file}`, "Give the address of an ONNX file.", { cause });
}
