// Which names are in which shard, from a list of all of them.

import { hashName, shardOf } from "./shard.ts";

/** All names together: how many, and a sum over them that tells two lists apart. */
export interface AllNames {
  readonly photographs: number;
  readonly names: number;
}

/** The names of a shard, sorted and once each; and what tells whether another shard saw the same list. */
export interface ShardNames {
  readonly own: readonly string[];
  readonly all: AllNames;
}

export interface Division {
  readonly all: AllNames;
  /** The names of a shard, from 1. Sorted at each call. */
  of(shard: number): ShardNames;
}

/** Divides `names` among `shards`. Keeps the names in memory: all of them, or those of the shard `only`. */
export async function divide(names: Iterable<string> | AsyncIterable<string>, shards: number, only?: number): Promise<Division> {
  const all = { photographs: 0, names: 0 };
  const members = new Map<number, string[]>();
  for await (const name of names) {
    const hash = hashName(name);
    all.photographs++;
    // A sum does not depend on the order, in which two machines may list a folder differently.
    all.names = (all.names + hash) % 2 ** 48;
    const shard = shardOf(hash, shards);
    if (only !== undefined && shard !== only) continue;
    const found = members.get(shard);
    if (found) found.push(name);
    else members.set(shard, [name]);
  }
  return {
    all,
    of(shard) {
      const own = (members.get(shard) ?? []).toSorted();
      return { own: own.filter((name, i) => name !== own[i - 1]), all };
    },
  };
}
