// Groups of images that are copies of each other: the same file, or the same picture saved again, scaled, cut a little, lit or mirrored.

import { byText } from "../dataset/items.ts";
import { ALIKE_CORRELATION, COPY_BITS, COPY_DETAIL, correlation, detailOf, MIRROR, perceptualHash } from "../pixels/perceptual-hash.ts";
import { nearIndex } from "./near.ts";

/** What is compared of an image. */
export interface ComparedImage {
  readonly name: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  /** The grey thumbnail [16, 16], 8 bits. */
  readonly thumbnail: Uint8Array;
}

export interface CopyOptions {
  /** Called now and then with the number of different files compared so far. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

// So often the comparison pauses, to report and to see whether it is to stop.
const PAUSE = 500;

/** Groups of at least two images, as positions, sorted by name. */
export interface CopyGroups {
  /** The same picture. */
  readonly copies: readonly (readonly number[])[];
  /** Pictures that look alike without being copies: of several copies one stands for all. */
  readonly alike: readonly (readonly number[])[];
}

/** The copies among `images`, and what looks alike. */
export async function findCopies(images: readonly ComparedImage[], { onProgress, signal }: CopyOptions = {}): Promise<CopyGroups> {
  const groups = new Groups(images.length);
  const looser = new Groups(images.length);
  const firstOf = new Map<string, number>();
  for (const [position, { hash }] of images.entries()) {
    const first = firstOf.get(hash);
    if (first === undefined) firstOf.set(hash, position);
    else groups.join(first, position);
  }
  const prints = [...firstOf.values()].flatMap((position) => {
    const print = perceptualHash(images[position]!.thumbnail);
    return print ? [{ position, print }] : [];
  });
  const index = nearIndex(Uint32Array.from(prints.flatMap(({ print }) => print)), COPY_BITS);
  for (const [at, { position, print }] of prints.entries()) {
    const [high, low] = print;
    for (const mirrored of [false, true]) {
      const [highMask, lowMask] = mirrored ? MIRROR : [0, 0];
      index.search((high ^ highMask) >>> 0, (low ^ lowMask) >>> 0, at, (other) => {
        const earlier = prints[other]!.position;
        if (groups.joined(position, earlier)) return;
        const [a, b] = [images[position]!.thumbnail, images[earlier]!.thumbnail];
        if (correlation(a, b, mirrored) < ALIKE_CORRELATION) return;
        looser.join(position, earlier);
        if (correlation(detailOf(a), detailOf(b), mirrored) >= COPY_DETAIL) groups.join(position, earlier);
      });
    }
    if ((at + 1) % PAUSE === 0) {
      onProgress?.(at + 1, prints.length);
      // A turn of the event loop, in which Ctrl-C and the progress bar get their say.
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
  }
  onProgress?.(prints.length, prints.length);
  const byName = (a: number, b: number): number => byText(images[a]!.name, images[b]!.name);
  const sorted = (lists: number[][]): number[][] => lists.map((list) => list.sort(byName)).sort((a, b) => byName(a[0]!, b[0]!));
  const alike = looser.list().map((group) => {
    const first = new Map<number, number>();
    for (const position of group.sort(byName)) if (!first.has(groups.root(position))) first.set(groups.root(position), position);
    return [...first.values()];
  });
  return { copies: sorted(groups.list()), alike: sorted(alike.filter((group) => group.length > 1)) };
}

/** Disjoint sets with path halving (Tarjan and van Leeuwen 1984). */
class Groups {
  private readonly parents: Int32Array;

  constructor(count: number) {
    this.parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  join(a: number, b: number): void {
    this.parents[this.root(a)] = this.root(b);
  }

  joined(a: number, b: number): boolean {
    return this.root(a) === this.root(b);
  }

  /** The sets of at least two members. */
  list(): number[][] {
    const byRoot = new Map<number, number[]>();
    for (let member = 0; member < this.parents.length; member++) {
      const root = this.root(member);
      const members = byRoot.get(root);
      if (members) members.push(member);
      else byRoot.set(root, [member]);
    }
    return [...byRoot.values()].filter((members) => members.length > 1);
  }

  /** The member that stands for the set of `member`. */
  root(member: number): number {
    let at = member;
    while (this.parents[at] !== at) {
      this.parents[at] = this.parents[this.parents[at]!]!;
      at = this.parents[at]!;
    }
    return at;
  }
}
