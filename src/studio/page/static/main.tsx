// The page as static files, for any web host: photographs, labels, training and models stay in the browser.

import type { TrainingWorker } from "../../../page/train-in-worker.browser.ts";
import { browserEngine } from "../../browser/browser-engine.browser.ts";
import { predictPageAt } from "../../browser/predict-page.browser.ts";
import { isolate, keepForOffline } from "../host/offline.ts";
import { mount } from "../mount.tsx";

await isolate();
const engine = browserEngine({
  session: () => new Worker(new URL("../../browser/session-worker.browser.ts", import.meta.url), { type: "module" }) as TrainingWorker,
  training: () => new Worker(new URL("../../../page/worker.browser.ts", import.meta.url), { type: "module" }) as TrainingWorker,
  predictPage: () => predictPageAt(document.baseURI),
});
mount(engine, document.getElementById("app") as HTMLElement);
keepForOffline();
