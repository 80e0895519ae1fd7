// What kind of processor this is, as far as the speed of networks depends on it.

import { existsSync, readFileSync } from "node:fs";
import { arch } from "node:os";

/** Instruction sets from the widest to the narrowest: the flags of /proc/cpuinfo that a kind has. */
const KINDS = [
  ["avx512-amx", ["amx_int8"]],
  ["avx512-vnni", ["avx512_vnni"]],
  ["avx512", ["avx512f"]],
  ["avx2-vnni", ["avx_vnni"]],
  ["avx2", ["avx2"]],
];

/** The kind's name, such as "avx512-vnni". */
export function processorKind() {
  const text = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  const flags = new Set(/^flags\s*:(.*)$/m.exec(text)?.[1].split(" "));
  return KINDS.find(([, needed]) => needed.every((flag) => flags.has(flag)))?.[0] ?? arch();
}
