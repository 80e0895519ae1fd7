// What a page does with thaw, for tests that drive browsers: a folder or files of each class that are picked, a run in thaw's worker, answers, the
// model as a zip.

import { loadClassifier, photosFromBlobs, photosFromFiles, trainInWorker, zipModel } from "thaw";

const picked = (id) => [...document.getElementById(id).files];

Object.assign(globalThis, {
  async learn(out, options) {
    const events = [];
    globalThis.heard = events;
    const chosen = picked("folder");
    const folder = chosen.length > 0 ? photosFromFiles(chosen) : photosFromBlobs({ cats: picked("cats"), dogs: picked("dogs") });
    const onEvent = (event) => event.event !== "progress" && events.push(event);
    await trainInWorker({ folder, out, ...options, onEvent });
    return events;
  },
  /** The probability of the first class for each of the other files. */
  async answers(out) {
    const model = await loadClassifier(out);
    const [first] = model.classes;
    const all = await Promise.all(picked("others").map((file) => model.predict(file)));
    await model.dispose();
    return all.map((rows) => rows.find((row) => row.class === first).probability);
  },
  /** The model's zip in base64. */
  async zipped(out) {
    const reader = new FileReader();
    reader.readAsDataURL(await zipModel(out));
    await new Promise((resolve) => reader.addEventListener("load", resolve));
    return reader.result.split(",")[1];
  },
});
document.title = "ready";
