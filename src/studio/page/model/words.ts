// Numbers in words, as people read them.

/** 12,345. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** "1 photograph", "12 photographs". */
export function counted(value: number, one: string, several = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : several}`;
}

/** A share as "93.4 %", never rounded up to all; "–" for none. */
export function percent(share: number | undefined | null, digits = 1): string {
  if (share === undefined || share === null || Number.isNaN(share)) return "–";
  const scale = 10 ** digits;
  const rounded = Math.round(share * 100 * scale) / scale;
  const shown = rounded === 100 && share < 1 ? Math.floor(share * 100 * scale) / scale : rounded;
  return `${shown.toFixed(digits)} %`;
}

/** "8 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "820 kB", "14.2 MB". */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  return value < 999_500 ? `${Math.round(value / 1000)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
