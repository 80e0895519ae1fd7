// The page with an engine behind it.

import { render } from "preact";
import type { StudioEngine } from "../protocol/engine.ts";
import { App } from "./app.tsx";
import { Studio } from "./model/studio.ts";
import { drawInColours } from "./style/colours.ts";

export function mount(engine: StudioEngine, place: HTMLElement): void {
  drawInColours();
  render(<App studio={new Studio(engine)} />, place);
}
