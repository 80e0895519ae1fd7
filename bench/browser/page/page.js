// A page that trains the head on the folder that is picked, once, and then over and over.

import { photosFromFiles, trainInWorker } from "thaw";

const folder = () => photosFromFiles(document.getElementById("folder").files);

Object.assign(globalThis, {
  /** Trains the head and returns the seconds to the first answer, to the trained head and to the end, when the model is stored. */
  async trainHead() {
    const start = performance.now();
    const at = {};
    const since = () => (performance.now() - start) / 1000;
    const onEvent = ({ event }) => {
      if (event === "probe") at.answer = since();
      if (event === "stageEnd") at.head = since();
    };
    const { accuracy } = await trainInWorker({ folder: folder(), out: "bench/model", force: true, stages: ["precompute"], onEvent });
    return { ...at, end: since(), accuracy };
  },
  /** Trains all layers on small pictures for so many milliseconds. */
  async trainFor(milliseconds) {
    const signal = AbortSignal.timeout(milliseconds);
    const course = { stages: ["unfreeze"], epochs: [10_000], lrs: [0.0001], size: 64, tta: 0 };
    let epochs = 0;
    const onEvent = ({ event }) => {
      if (event === "epoch") epochs++;
    };
    await trainInWorker({ folder: folder(), out: "bench/long", force: true, ...course, signal, onEvent }).catch((error) => {
      if (!signal.aborted) throw error;
    });
    return epochs;
  },
});
document.title = "ready";
