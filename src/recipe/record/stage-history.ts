// The stages of a run as its events tell them, each with its epochs.

import type { RecipeEvent, StagePlace, StageSummary } from "../events.ts";

type EpochEvent = Extract<RecipeEvent, { event: "epoch" }>;

export interface StageEvents {
  /** The stage's name, with its network and size if the run has several. */
  readonly title: string;
  readonly epochs: readonly EpochEvent[];
  readonly summary: StageSummary;
}

/** The stages that came to their end, in order, tta with them; names come again at each network and size. */
export function historyOf(events: readonly RecipeEvent[]): readonly StageEvents[] {
  const stages: StageEvents[] = [];
  let epochs: EpochEvent[] = [];
  for (const event of events) {
    if (event.event === "stage") epochs = [];
    if (event.event === "epoch") epochs.push(event);
    if (event.event === "stageEnd") stages.push({ title: `${event.name}${placeInWords(event)}`, epochs, summary: event });
  }
  return stages;
}

/** The network and size of a stage, to follow its name: " (resnet50, 128 pixels)", or nothing if the run has only one of each. */
export function placeInWords({ network, size }: StagePlace): string {
  const words = [...(network === undefined ? [] : [network]), ...(size === undefined ? [] : [`${size} pixels`])];
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}
