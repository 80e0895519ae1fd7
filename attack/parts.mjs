// What each machine did with each commit.

/** `parts` with `part` added to that of the same machine, node and commit, if there is one. */
export function partsWith(parts, part) {
  const same = (other) => ["machine", "node", "commit"].every((key) => other[key] === part[key]);
  if (!parts.some(same)) return [...parts, part];
  return parts.map((other) => (same(other) ? { ...part, count: other.count + part.count, seconds: other.seconds + part.seconds } : other));
}
