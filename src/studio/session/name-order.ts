// The order in which the studio shows names: of classes and of photographs alike.

import { byText } from "../../data/dataset/items.ts";

const letters = new Intl.Collator("en");

/** Orders names by letters, capital or not, and folder by folder, so that the photographs of classes come in the order of the classes. */
export function byName(a: string, b: string): number {
  return letters.compare(inFolders(a), inFolders(b)) || byText(a, b);
}

/** A tab is ordered before all that names consist of: "car/1.jpg" before "car_side/1.jpg". */
function inFolders(name: string): string {
  return name.replaceAll("/", "\t");
}
