/** The last part of a path or an address: what a file is called in its folder. */
export function fileName(path: string): string {
  return path
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .at(-1) as string;
}
