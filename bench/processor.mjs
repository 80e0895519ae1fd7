// What kind of processor this is, as far as the speed of networks depends on it.

import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, totalmem } from "node:os";

/** Instruction sets from the widest to the narrowest: the flags of /proc/cpuinfo that a kind has. */
const KINDS = [
  ["avx512-amx", ["amx_int8"]],
  ["avx512-vnni", ["avx512_vnni"]],
  ["avx512", ["avx512f"]],
  ["avx2-vnni", ["avx_vnni"]],
  ["avx2", ["avx2"]],
];

const flags = new Set(`${field("flags")} ${field("Features")}`.trim().split(" "));

/** The kind's name, such as "avx512-vnni". */
export function processorKind() {
  return KINDS.find(([, needed]) => needed.every((flag) => flags.has(flag)))?.[0] ?? arch();
}

/** Whether it computes in bfloat16. Others can only imitate it, which takes ten times as long. */
export function computesInBfloat16() {
  return ["avx512_bf16", "amx_bf16", "bf16"].some((flag) => flags.has(flag));
}

/** The processor's generation, such as "family 25 model 17"; "" if it is unknown. */
function processorGeneration() {
  const [family, model] = [field("cpu family"), field("model")];
  return family && model ? `family ${family} model ${model}` : "";
}

/** The processor with its generation, its cores and the memory: virtual machines call many generations by the same name. */
export function machineName() {
  const name = [cpus()[0]?.model.trim(), processorGeneration()].filter(Boolean).join(", ");
  return `${name} (${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB)`;
}

/**
 * The name of this machine's table among `tables`: the processor's kind or, if that table is of another machine, the kind and the generation;
 * undefined if both are.
 */
export function tableName(tables, machine) {
  const kind = processorKind();
  return [kind, `${kind}, ${processorGeneration()}`].find((name) => tables[name] === undefined || tables[name].machine === machine);
}

/** The first processor's value of `name` in /proc/cpuinfo; "" where there is none. */
function field(name) {
  const text = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  return new RegExp(`^${name}\\s*:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
}
