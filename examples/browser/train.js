// A page that trains a classifier on a folder of the person's own photographs, in a worker of thaw's, and tries it out.

import { loadClassifier, photosFromDrop, photosFromFiles, trainInWorker, zipModel } from "thaw";
import { isolate } from "./isolate.js";
import { card, messageOf, percent } from "./parts.js";

const element = (id) => document.getElementById(id);
const [state, progress, stopButton, pictures] = ["state", "progress", "stop", "pictures"].map(element);
let model;

await isolate();

element("folder").addEventListener("change", learnChosen);
learnChosen(); // What was chosen while this script was on its way.
element("drop").addEventListener("dragover", (event) => event.preventDefault());
element("drop").addEventListener("drop", (event) => {
  event.preventDefault();
  void learn(photosFromDrop(event.dataTransfer.items));
});

function learnChosen() {
  const { files } = element("folder");
  if (files.length > 0) void learn(photosFromFiles(files));
}

/** Trains on `folder`. A run that was stopped, by the button or by closing the tab, goes on where it was. */
async function learn(folder) {
  const out = `models/${folder.path}`;
  const resume = localStorage.getItem(out) === "running";
  const stop = new AbortController();
  const accuracies = [];
  stopButton.onclick = () => stop.abort(new Error("Stopped. To go on, choose the same folder again."));
  localStorage.setItem(out, "running");
  for (const [id, isOn] of Object.entries({ progress: true, stop: true, result: false, drop: false })) element(id).hidden = !isOn;
  try {
    const { accuracy } = await trainInWorker({
      folder,
      out,
      resume,
      force: !resume,
      // The head alone; with "unfreeze" all layers too, which takes minutes on WebAssembly.
      stages: ["precompute", "augment"],
      // Left out, few photographs are 192 pixels wide: more accurate, and half as fast.
      size: 128,
      signal: stop.signal,
      onEvent(event) {
        if (event.event === "stage") state.textContent = `Now: ${event.purpose}.`;
        if (event.event === "progress") show(event);
        if (event.event === "epoch") draw(accuracies, event.accuracy);
      },
    });
    localStorage.removeItem(out);
    await model?.dispose();
    model = await loadClassifier(out);
    state.textContent = `It knows ${model.classes.join(", ")}, and is right for ${percent(accuracy)} of the photographs that were kept from it.`;
    URL.revokeObjectURL(element("download").href);
    element("download").href = URL.createObjectURL(await zipModel(out));
    element("result").hidden = false;
  } catch (error) {
    // Whatever was wrong, the next try begins anew, unless it was only stopped.
    if (!stop.signal.aborted) localStorage.removeItem(out);
    state.textContent = messageOf(error);
  } finally {
    element("folder").value = ""; // So that the same folder can be chosen again.
    for (const [id, isOn] of Object.entries({ progress: false, stop: false, drop: true })) element(id).hidden = !isOn;
  }
}

/** Moves the bar; how much a server sends is not always known. */
function show({ done, total }) {
  if (total > 0) progress.value = done / total;
  else progress.removeAttribute("value");
}

/** Draws the accuracy after each epoch. */
function draw(accuracies, accuracy) {
  accuracies.push(accuracy);
  const x = (i) => (accuracies.length === 1 ? 0 : (100 * i) / (accuracies.length - 1));
  const points = accuracies.map((value, i) => `${x(i)},${30 * (1 - value)}`).join(" ");
  element("curve").hidden = false;
  document.querySelector("polyline").setAttribute("points", points);
  element("caption").textContent =
    `Right for ${percent(accuracy)} of the photographs that it does not learn from, after ${accuracies.length} ${accuracies.length === 1 ? "round" : "rounds"}`;
}

pictures.addEventListener("change", async () => {
  const cards = [...pictures.files].map(async (file) => {
    const answer = await model.predict(file).then(([best]) => `${best.class}, ${percent(best.probability)}`, messageOf);
    return card(file, answer);
  });
  element("answers").replaceChildren(...(await Promise.all(cards)));
});
