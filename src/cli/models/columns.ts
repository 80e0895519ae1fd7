// The columns of `thaw models`.

/** The columns that rows can be sorted by. */
export const SORTS = ["name", "network", "top1", "parameters", "features", "size", "licence"] as const;
