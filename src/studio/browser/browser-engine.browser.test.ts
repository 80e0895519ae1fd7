// The engine of a static page, in a real browser, against the contract of the studio's engines.

import { studioContract } from "../../../test/contract/studio.ts";
import { databaseStore } from "../../core/store/database.browser.ts";
import type { TrainingWorker } from "../../page/train-in-worker.browser.ts";
import { browserEngine } from "./browser-engine.browser.ts";

studioContract(async () => {
  await databaseStore("studio/photographs").replace(new Map());
  const engine = browserEngine({
    session: () => new Worker(new URL("./session-worker.browser.ts", import.meta.url), { type: "module" }) as TrainingWorker,
    training: () => new Worker(new URL("../../page/worker.browser.ts", import.meta.url), { type: "module" }) as TrainingWorker,
    predictPage: async () => new Map([["index.html", new TextEncoder().encode("<title>Classifier</title>")]]),
  });
  return { engine, start: async (address) => [...new Uint8Array(await (await fetch(address)).arrayBuffer()).slice(0, 4)] };
});
