// What `thaw models` prints. Pure.

import type { Speed } from "../../learner/network-speed.node.ts";
import type { PublishedWeights } from "../../nn/published/published.ts";
import { table } from "../shared/table.ts";
import { count, type Paint } from "../shared/terminal.ts";

/** One row of the catalogue. */
export interface ModelRow extends Omit<PublishedWeights, "architecture" | "hub" | "sha256"> {
  readonly network: string;
  /** Whether it is used if only the network is named. */
  readonly isDefault: boolean;
  /** Of the body. */
  readonly parameters: number;
  readonly features: number;
  /** As `--weights hf:` takes it; none if it is not on the hub. */
  readonly hub?: string;
  /** Of the file, or "unpinned". */
  readonly sha256: string;
  /** Whether it is on this machine. */
  readonly here: boolean;
}

/** What a network costs. */
export interface MeasuredRow extends Speed {
  readonly network: string;
  /** Of its first weights, in percent; left out if it was not published. */
  readonly top1?: number;
}

/** The catalogue as a table. */
export function modelLines(rows: readonly ModelRow[], paint: Paint): string[] {
  const cells = rows.map(({ name, isDefault, parameters, size, top1, licence, here }) => [
    `${isDefault ? "*" : " "}${here ? "+" : ""}`,
    name,
    (parameters / 1e6).toFixed(1),
    `${size}`,
    top1 === undefined ? "–" : top1.toFixed(1),
    licence,
  ]);
  const lines = table(["left", "left", "right", "right", "right", "left"], cells, paint, {
    head: ["", "weights", "M", "size", "top-1", "licence"],
  });
  const [renamed, away] = [rows.filter(({ name, network }) => !name.startsWith(network)), rows.filter(({ hub, here }) => !(hub || here))];
  return [
    ...lines,
    "",
    "* is used if only the network is named, which is the part before the dot; + is on this machine. M: million parameters without the " +
      "head. Licences are of the weights; the photographs they learnt from have terms of their own.",
    ...renamed.map(({ name, network }) => `The network of ${name} is called ${network}.`),
    ...away.map(({ name }) => `${name} is not published as safetensors: give --weights a file.`),
  ];
}

/** The rows by what accuracy a second of the frozen part buys, the most first; those without a published accuracy last. */
export function byRightAnswers(rows: readonly MeasuredRow[]): readonly MeasuredRow[] {
  return rows.toSorted((a, b) => (rightPerSecond(b) ?? 0) - (rightPerSecond(a) ?? 0));
}

/** Of ImageNet's photographs, those named rightly in a second. */
function rightPerSecond({ frozen, top1 }: MeasuredRow): number | undefined {
  return top1 === undefined ? undefined : (frozen * top1) / 100;
}

/** What networks cost as a table. */
export function measuredLines(rows: readonly MeasuredRow[], paint: Paint): string[] {
  const perSecond = (value: number): string => (value >= 10 ? count(Math.round(value)) : value.toFixed(1));
  const cells = rows.map((row) => {
    const { network, size, top1, frozen, training, frozenMemory, trainingMemory } = row;
    const right = rightPerSecond(row);
    return [
      network,
      `${size}`,
      top1 === undefined ? "–" : top1.toFixed(1),
      right === undefined ? "–" : perSecond(right),
      perSecond(frozen),
      count(frozenMemory),
      perSecond(training),
      count(trainingMemory),
    ];
  });
  const lines = table(["left", "right", "right", "right", "right", "right", "right", "right"], cells, paint, {
    head: ["network", "size", "top-1", "right/s", "frozen/s", "MB", "training/s", "MB"],
  });
  const bs = rows[0]?.bs ?? 0;
  return [
    ...lines,
    "",
    `Images a second, ${bs} in a batch: frozen from pixels to features, and in training steps of all layers, without reading ` +
      "photographs. right/s: top-1 times frozen/s, the order of the rows. MB: the most memory.",
  ];
}
