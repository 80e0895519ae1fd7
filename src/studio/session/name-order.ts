// The order in which the studio shows names: of classes and of photographs alike.

import { byText } from "../../data/dataset/items.ts";

const letters = new Intl.Collator("en");

/** Orders names by letters, capital or not, and folder by folder, so that the photographs of classes come in the order of the classes. */
export function byName(a: string, b: string): number {
  return letters.compare(inFolders(a), inFolders(b)) || byText(a, b);
}

/** The place of each of `names` in their order: comparing places is much cheaper than comparing names. */
export function placesOf(names: Iterable<string>): ReadonlyMap<string, number> {
  return new Map([...new Set(names)].sort(byName).map((name, place) => [name, place]));
}

/** The names of photographs in their order, kept while names are added and changed. */
export class NameOrder {
  #sorted: readonly string[] = [];
  readonly #fresh = new Set<string>();
  #places: ReadonlyMap<string, number> = new Map();

  /** Puts a name in. One that is there no more may stay: it moves no other past another. */
  add(name: string): void {
    if (!this.#places.has(name)) this.#fresh.add(name);
  }

  /** The place of a name that was added: greater for one that comes later. */
  placeOf(name: string): number {
    if (this.#fresh.size > 0) this.#takeIn();
    return this.#places.get(name) as number;
  }

  /** Finds the places of a few names among many without comparing the many again. */
  #takeIn(): void {
    const fresh = [...this.#fresh].sort(byName);
    this.#fresh.clear();
    const sorted: string[] = [];
    let from = 0;
    for (const name of fresh) {
      const to = this.#firstAfter(name, from);
      for (; from < to; from++) sorted.push(this.#sorted[from] as string);
      sorted.push(name);
    }
    for (; from < this.#sorted.length; from++) sorted.push(this.#sorted[from] as string);
    this.#sorted = sorted;
    this.#places = new Map(sorted.map((name, place) => [name, place]));
  }

  /** The index, at least `from`, of the first sorted name that comes after `name`. */
  #firstAfter(name: string, from: number): number {
    let [low, high] = [from, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byName(this.#sorted[middle] as string, name) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A tab is ordered before all that names consist of: "car/1.jpg" before "car_side/1.jpg". */
function inFolders(name: string): string {
  return name.replaceAll("/", "\t");
}
