// Sizes of files and folders as readable text.

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** A number of bytes in the unit that leaves one to three digits before the point: "640 bytes", "1.4 MB", "23 GB" (1 MB is 10^6 bytes). */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  let [value, unit] = [bytes / 1000, 0];
  // 999.5 kB would be written as 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${UNITS[unit]}`;
}
