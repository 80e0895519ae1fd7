// `thaw train --profile`: the run's trace as a file. Stages and epochs come from the run's events, all else records itself.

import type { RecipeEvent } from "../../recipe/events.ts";

/** The default file of a profile. */
export const PROFILE_FILE = "thaw-profile.json";

export interface Profile {
  /** Takes every event as it comes. */
  see(event: RecipeEvent): void;
  /** Writes the file, even after the run failed or was stopped, and returns its name. */
  write(): Promise<string>;
}

/** Starts a trace that `write` puts into `file`; `true` stands for the default name in this folder. Undefined if none is wanted. */
export async function startProfile(file: string | true | undefined): Promise<Profile | undefined> {
  if (file === undefined) return undefined;
  const path = file === true ? PROFILE_FILE : file;
  const [{ chromeTrace, recordSpan, startTrace, stopTrace }, { writeFile }] = await Promise.all([
    import("../../core/trace.ts"),
    import("../../core/files.node.ts"),
  ]);
  startTrace();
  let stage = performance.now();
  return {
    see(event) {
      if (event.event === "stage") stage = performance.now();
      if (event.event === "stageEnd") recordSpan(event.name, "stage", stage);
      if (event.event === "epoch") recordSpan(`epoch ${event.epoch}`, "epoch", performance.now() - event.seconds * 1000);
    },
    async write() {
      await writeFile(path, chromeTrace(stopTrace()));
      return path;
    },
  };
}
