// The page with an engine behind it.

import { render } from "preact";
import { paletteVariables } from "../../chart/palette.ts";
import type { StudioEngine } from "../protocol/engine.ts";
import { App } from "./app.tsx";
import { Studio } from "./model/studio.ts";

export function mount(engine: StudioEngine, place: HTMLElement): void {
  // The page has the colours of thaw's charts.
  const colours = new CSSStyleSheet();
  colours.replaceSync(`:root{${paletteVariables("light")}}@media (prefers-color-scheme:dark){:root{${paletteVariables("dark")}}}`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, colours];
  render(<App studio={new Studio(engine)} />, place);
}
