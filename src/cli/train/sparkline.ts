// A curve in one line of text.

const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * The `values` from first to last in at most `width` characters, each the mean of its share of the values, on a scale from 0 to `top`: curves
 * with the same top can be compared.
 */
export function sparkline(values: readonly number[], width: number, top: number): string {
  const finite = values.filter(Number.isFinite);
  const columns = Math.min(width, finite.length);
  const means = Array.from({ length: columns }, (_, i) => {
    const share = finite.slice(Math.floor((i * finite.length) / columns), Math.floor(((i + 1) * finite.length) / columns));
    return share.reduce((a, b) => a + b, 0) / share.length;
  });
  const level = (value: number): number => Math.max(0, Math.min(LEVELS.length - 1, Math.round((value / top) * (LEVELS.length - 1))));
  return top > 0 ? means.map((value) => LEVELS[level(value)]).join("") : "";
}
