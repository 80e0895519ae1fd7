// ONNX Runtime's native library, which lies in thaw's package for each platform that has one.

import { UsageError } from "../core/errors.ts";
import type { Ort } from "./wasm-session.ts";

/** The library, or why this machine cannot load it. */
export type Native = { readonly ort: Ort } | { readonly reason: Error };

let loading: Promise<Native> | undefined;

/** Loads the library, once. */
export function loadNative(): Promise<Native> {
  loading ??= import("#onnxruntime-node").then(
    (ort) => ({ ort }),
    (reason: Error) => ({ reason }),
  );
  return loading;
}

/** What helps where the library cannot be loaded. */
export function nativeHint(): string {
  if (process.platform === "linux" && !hasGlibc())
    return "The native engine needs glibc: use an image such as node:22-slim instead of node:22-alpine.";
  return "There is a native engine for Linux (glibc) and Windows, each on x64 and arm64, and for macOS on Apple silicon.";
}

/** The error of what only the library can do. */
export function nativeMissing(device: string, reason: Error): UsageError {
  return new UsageError(`The device "${device}" needs the native engine, which cannot be loaded: ${firstLine(reason)}`, nativeHint());
}

/** Says, once for the process, that WebAssembly stands in. */
export function warnOfWasm(reason: Error): void {
  if (warned) return;
  warned = true;
  const message = `The native engine cannot be loaded, so thaw computes in WebAssembly, which is slower. ${nativeHint()}`;
  process.emitWarning(message, { type: "ThawWarning", code: "THAW_WASM", detail: firstLine(reason) });
}

let warned = false;

function firstLine({ message }: Error): string {
  return message.split("\n")[0] as string;
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
