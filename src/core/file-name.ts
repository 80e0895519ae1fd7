/** The last part of a path or an address: the file's name in its folder. */
export function fileName(path: string): string {
  return path
    .replace(/[\\/]+$/, "")
    .split(/[\\/]/)
    .at(-1) as string;
}
