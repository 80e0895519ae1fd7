// A curve in one line of text.

const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * The `values` from first to last in at most `width` characters, the smallest lowest and the largest highest; each is the mean of its share
 * of the values.
 */
export function sparkline(values: readonly number[], width: number): string {
  const finite = values.filter(Number.isFinite);
  const columns = Math.min(width, finite.length);
  const means = Array.from({ length: columns }, (_, i) => {
    const share = finite.slice(Math.floor((i * finite.length) / columns), Math.floor(((i + 1) * finite.length) / columns));
    return share.reduce((a, b) => a + b, 0) / share.length;
  });
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const level = (value: number): number => (high > low ? Math.round(((value - low) / (high - low)) * (LEVELS.length - 1)) : 0);
  return means.map((value) => LEVELS[level(value)]).join("");
}
