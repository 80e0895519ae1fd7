// The colours of the page, which are those of thaw's charts.

import { paletteVariables } from "../../../chart/palette.ts";

/** Gives the document the palette, light or dark as the user prefers. */
export function drawInColours(): void {
  const colours = new CSSStyleSheet();
  colours.replaceSync(`:root{${paletteVariables("light")}}@media (prefers-color-scheme:dark){:root{${paletteVariables("dark")}}}`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, colours];
}
