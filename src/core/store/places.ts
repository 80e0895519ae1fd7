// What a text names in a browser: an address, or a folder of the browser's own storage.

/** Whether `place` is an address: "https://…", "blob:…", or relative to the page as in "/models/pets", "./pets" and "../pets". */
export function isAddress(place: string): boolean {
  return /^(?:[a-z][a-z\d+.-]*:|\.{0,2}\/|\.{1,2}$)/i.test(place);
}
