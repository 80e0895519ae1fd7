// The page as static files, for any web host: photographs, labels, training and models stay in the browser.

import type { TrainingWorker } from "../../../page/train-in-worker.browser.ts";
import { browserEngine } from "../../browser/browser-engine.browser.ts";
import { mount } from "../mount.tsx";

const engine = browserEngine({
  session: () => new Worker(new URL("../../browser/session-worker.browser.ts", import.meta.url), { type: "module" }) as TrainingWorker,
  training: () => new Worker(new URL("../../../page/worker.browser.ts", import.meta.url), { type: "module" }) as TrainingWorker,
});
mount(engine, document.getElementById("app") as HTMLElement);
