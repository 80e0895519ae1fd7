// The resident size of this process while work repeats.

/**
 * Does `work` `count` times and prints, as JSON, the smallest resident sizes in the second and in the last tenth: what stays, since garbage
 * and the engine's work space come and go.
 */
export async function printSizes(count, work) {
  const sizes = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const tenth = Math.floor(count / 10);
  const every = Math.max(1, Math.floor(tenth / 50));
  for (let i = 0; i < count; i++) {
    await work(i);
    const window = i >= tenth && i < 2 * tenth ? 0 : i >= count - tenth ? 1 : undefined;
    if (window === undefined || i % every !== 0) continue;
    globalThis.gc();
    sizes[window] = Math.min(sizes[window], process.memoryUsage().rss);
  }
  process.stdout.write(JSON.stringify(sizes));
}
