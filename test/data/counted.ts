// A list that counts how many of its items were taken, for tests of what goes through a long list bit by bit.

export function counted<Item>(items: Item[]): { readonly list: readonly Item[]; taken(): number } {
  const taken = new Set<string>();
  const get = (target: Item[], key: string | symbol): unknown => {
    if (typeof key === "string" && /^\d+$/.test(key)) taken.add(key);
    return Reflect.get(target, key);
  };
  return { list: new Proxy(items, { get }), taken: () => taken.size };
}
