// Acts in words, for undo, redo and whoever listens to the page.

import type { JournalRecord } from "../labels/record.ts";
import type { DoneAct } from "../protocol/labels.ts";

/** What the page shows of an act that was done. */
export function doneActOf({ at, does }: JournalRecord): DoneAct | undefined {
  const act = (photographs: number, words: string): DoneAct => ({ act: does.act as DoneAct["act"], words, at, photographs });
  switch (does.act) {
    case "label":
    case "accept":
    case "import": {
      const count = does.labels.reduce((sum, { names }) => sum + names.length, 0);
      const [only, ...others] = does.labels;
      if (does.act === "import") return act(count, `Took ${plural(count, "label")} from a table`);
      if (does.act === "accept") return act(count, `Accepted ${plural(count, "guess", "guesses")}`);
      if (others.length > 0 || !only) return act(count, `Labelled ${photographs(count)}`);
      if (only.class === null) return act(count, `Took the label${count === 1 ? "" : "s"} of ${photographs(count)} away`);
      return act(count, `Labelled ${photographs(count)} ${only.class}`);
    }
    case "skip":
      return act(does.names.length, `${does.skipped ? "Skipped" : "Took back"} ${photographs(does.names.length)}`);
    case "delete":
      return act(does.names.length, `Marked ${photographs(does.names.length)} as ${does.deleted ? "" : "not "}deleted`);
    case "addClass":
      return act(0, `Made the class ${does.class}`);
    case "renameClass":
      return act(0, `Renamed the class ${does.class} to ${does.to}`);
    case "mergeClasses":
      return act(0, `Merged ${does.classes.join(", ")} into ${does.into}`);
    case "removeClass":
      return act(0, `Took the class ${does.class} away`);
    default:
      return undefined;
  }
}

function photographs(count: number): string {
  return plural(count, "photograph");
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
