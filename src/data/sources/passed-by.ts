// What lies among the images of a data set and is not read, so that nothing is left out without a word.

import type { WorkOptions } from "../../core/progress.ts";
import { conversionHint, extensionOf, READ_FORMATS } from "../decode/file-names.ts";

type Listener = WorkOptions["onWarning"];

/** What a reader has passed by; names are relative to the data set's folder. */
export class PassedBy {
  /** Number of files that belong beside images (text, tables and the like). */
  beside = 0;
  /** Files of kinds that are not read, by their extensions. */
  readonly unknown: string[] = [];
  /** Links that lead nowhere. */
  readonly dead: string[] = [];
  /** Links to folders that are read already, or that hold the link. */
  readonly circular: string[] = [];
  /** Images and folders whose names are not UTF-8. */
  readonly undecodable: string[] = [];

  /** Why a folder may seem empty: the kind of most files in it that are not read, and what to do; undefined if there are none. */
  unreadIn(folder: string): { readonly reason: string; readonly hint: string } | undefined {
    const inside = this.unknown.filter((name) => folder === "" || name.startsWith(`${folder}/`));
    const [most] = [...byExtension(inside)].sort((a, b) => b.length - a.length);
    return most && { reason: `${filesOfType(most)} left out, because thaw reads ${READ_FORMATS}`, hint: conversionHint(most[0]) };
  }

  /** Warns of everything but the files that belong beside images. */
  report(onWarning: Listener): void {
    for (const names of byExtension(this.unknown))
      onWarning?.({ message: `${filesOfType(names)} left out: thaw reads ${READ_FORMATS}`, hint: conversionHint(names[0]) });
    warnOf(this.dead, "link leads nowhere", "links lead nowhere", "Delete or mend them.", onWarning);
    warnOf(
      this.circular,
      "link is not followed",
      "links are not followed",
      "The folder that it leads to is read already, or holds the link itself.",
      onWarning,
    );
    warnOf(
      this.undecodable,
      "file or folder is left out because its name is not UTF-8",
      "files and folders are left out because their names are not UTF-8",
      UNDECODABLE_HINT,
      onWarning,
    );
  }
}

/** How to get rid of names that are not UTF-8. */
export const UNDECODABLE_HINT = "Rename them, or all at once if they are Latin-1: convmv -f latin1 -t utf8 -r --notest <folder>";

type Names = readonly [string, ...string[]];

function byExtension(names: readonly string[]): readonly Names[] {
  const groups = new Map<string, [string, ...string[]]>();
  for (const name of names) {
    const group = groups.get(extensionOf(name));
    if (group) group.push(name);
    else groups.set(extensionOf(name), [name]);
  }
  return [...groups.values()];
}

function filesOfType(names: Names): string {
  const extension = extensionOf(names[0]);
  return names.length === 1 ? `1 file of type .${extension} is` : `${names.length} files of type .${extension} are`;
}

function warnOf(names: readonly string[], one: string, many: string, hint: string, onWarning: Listener): void {
  if (names.length > 0)
    onWarning?.({ message: `${names.length === 1 ? `1 ${one}` : `${names.length} ${many}`}, the first ${names[0]}`, hint });
}
