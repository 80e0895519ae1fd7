// A page that trains a classifier on a folder of the person's own photographs, in a worker of thaw's, and tries it out.

import { loadClassifier, photosFromDrop, photosFromFiles, trainInWorker, zipModel } from "thaw";
import { isolate } from "./isolate.js";
import { card, messageOf, percent, progressWords } from "./parts.js";

const element = (id) => document.getElementById(id);
const [state, progress, stopButton, pictures] = ["state", "progress", "stop", "pictures"].map(element);
const wordsOf = progressWords();
let model;

await isolate();

element("folder").addEventListener("change", learnChosen);
learnChosen(); // What was chosen while this script was on its way.
element("drop").addEventListener("dragover", (event) => event.preventDefault());
element("drop").addEventListener("drop", (event) => {
  event.preventDefault();
  try {
    void learn(photosFromDrop(event.dataTransfer.items));
  } catch (error) {
    state.textContent = messageOf(error);
  }
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
  state.textContent = "Looking at the photographs.";
  element("answers").replaceChildren();
  pictures.value = "";
  showOnly("work");
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
    showOnly("drop", "curve", "result");
  } catch (error) {
    // Whatever was wrong, the next try begins anew, unless it was only stopped.
    if (!stop.signal.aborted) localStorage.removeItem(out);
    state.textContent = messageOf(error);
    showOnly("drop");
  } finally {
    element("folder").value = ""; // So that the same folder can be chosen again.
  }
}

/** Shows these parts of the page, and hides the others. */
function showOnly(...ids) {
  for (const id of ["drop", "work", "curve", "result"]) element(id).hidden = !ids.includes(id);
}

/** Moves the bar, and says below it what is done; how much a server sends is not always known. */
function show(event) {
  if (event.total > 0) progress.value = event.done / event.total;
  else progress.removeAttribute("value");
  element("task").textContent = wordsOf(event);
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
