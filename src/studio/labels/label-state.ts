// What a journal's lines come to: the labels, and the classes.

import type { Said } from "./record.ts";

/** What the user said about a photograph; what is undefined was not said. */
export interface Verdict {
  readonly label?: string | null;
  readonly skipped?: boolean;
  readonly deleted?: boolean;
}

/** Labels from acts, one after another. Photographs that the user said nothing about have the class of the folder that they lie in. */
export class LabelState {
  readonly #verdicts = new Map<string, Verdict>();
  /** The class, or none, of what lies in a folder that is called like a class. */
  readonly #folders = new Map<string, string | null>();
  /** Where moved files were before, whose folders they are labelled by. */
  readonly #before = new Map<string, string>();
  /** Where files are that were called so once. */
  readonly #after = new Map<string, string>();
  readonly #classes: Set<string>;

  /** `folders` are the classes that there are folders of. */
  constructor(folders: Iterable<string>) {
    this.#classes = new Set(folders);
    for (const name of this.#classes) this.#folders.set(name, name);
  }

  get classes(): ReadonlySet<string> {
    return this.#classes;
  }

  verdict(name: string): Verdict {
    return this.#verdicts.get(name) ?? {};
  }

  /** Where the file is by now that was called `name`. */
  placeNow(name: string): string {
    let place = name;
    for (let next = this.#after.get(place); next !== undefined; next = this.#after.get(place)) place = next;
    return place;
  }

  /** The path that says which folder counts for `name`: where it lay before it was moved. */
  origin(name: string): string {
    return this.#before.get(name) ?? name;
  }

  /** The class of a photograph that nothing was said about, in the folder called `folder`. */
  ofFolder(folder: string): string | undefined {
    const known = this.#folders.get(folder);
    return known === undefined ? undefined : (known ?? undefined);
  }

  apply(said: Said): void {
    switch (said.act) {
      case "label":
      case "accept":
      case "import":
        for (const { class: label, names } of said.labels) {
          if (label !== null) this.#classes.add(label);
          for (const name of names) this.#say(name, label === null ? { label } : { label, skipped: false });
        }
        break;
      case "skip":
        for (const name of said.names) this.#say(name, { skipped: said.skipped });
        break;
      case "delete":
        for (const name of said.names) this.#say(name, { deleted: said.deleted });
        break;
      case "addClass":
        this.#classes.add(said.class);
        break;
      case "renameClass":
        this.#replace([said.class], said.to);
        break;
      case "mergeClasses":
        this.#replace(said.classes, said.into);
        break;
      case "removeClass":
        this.#replace([said.class], null);
        break;
      case "moved":
        for (const { from, to } of said.files) this.#move(from, to);
        break;
    }
  }

  #say(name: string, verdict: Verdict): void {
    this.#verdicts.set(name, { ...this.#verdicts.get(name), ...verdict });
  }

  #replace(classes: readonly string[], to: string | null): void {
    const from = new Set(classes.filter((name) => name !== to));
    for (const name of from) this.#classes.delete(name);
    if (to !== null) this.#classes.add(to);
    for (const [folder, name] of this.#folders) if (name !== null && from.has(name)) this.#folders.set(folder, to);
    for (const [name, verdict] of this.#verdicts)
      if (typeof verdict.label === "string" && from.has(verdict.label)) this.#verdicts.set(name, { ...verdict, label: to });
  }

  #move(from: string, to: string): void {
    this.#before.set(to, this.origin(from));
    this.#before.delete(from);
    // What is there now was not moved away, so no way leads in a circle.
    this.#after.delete(to);
    this.#after.set(from, to);
    const verdict = this.#verdicts.get(from);
    this.#verdicts.delete(from);
    if (verdict) this.#verdicts.set(to, verdict);
  }
}
