// A page that learns to tell two things apart that its camera sees: hold a button to take pictures, and watch its opinion change.

import { loadClassifier, photoFromFrame, photosFromBlobs, trainInWorker } from "thaw";
import { isolate } from "./isolate.js";
import { messageOf, percent, progressWords } from "./parts.js";

const element = (id) => document.getElementById(id);
const [video, state, learnButton] = ["video", "state", "learn"].map(element);
const pictures = { first: [], second: [] };
/** Pictures of each that learning needs at least; milliseconds between two pictures. */
const [FEWEST, PAUSE] = [10, 100];
const out = "models/webcam";
const wordsOf = progressWords();
let model;

await isolate();
try {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
} catch (error) {
  state.textContent = `There is no camera to be had: ${error.message}`;
}

for (const button of document.querySelectorAll("[data-class]")) {
  let held = false;
  const release = () => {
    held = false;
  };
  const hold = async () => {
    if (held) return;
    for (held = true; held; await pause(PAUSE)) await capture(button.dataset.class);
  };
  button.addEventListener("pointerdown", hold);
  button.addEventListener("keydown", ({ key }) => [" ", "Enter"].includes(key) && hold());
  for (const type of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) button.addEventListener(type, release);
}

async function capture(name) {
  pictures[name].push(await photoFromFrame(video));
  element(name).textContent = `${pictures[name].length} pictures`;
  learnButton.disabled = Math.min(pictures.first.length, pictures.second.length) < FEWEST;
}

learnButton.addEventListener("click", async () => {
  learnButton.disabled = true;
  try {
    const { accuracy } = await trainInWorker({
      folder: photosFromBlobs(pictures),
      out,
      force: true,
      // Two things before one background are told apart by the head alone.
      stages: ["precompute"],
      size: 128,
      onEvent(event) {
        if (event.event === "progress") state.textContent = wordsOf(event);
      },
    });
    const before = model;
    model = await loadClassifier(out);
    state.textContent = `Learnt; right for ${percent(accuracy)} of the pictures that were kept from it.`;
    if (before) await before.dispose();
    else void watch();
  } catch (error) {
    state.textContent = messageOf(error);
  } finally {
    learnButton.disabled = false;
  }
});

/** Shows, again and again, what the model thinks of what the camera sees. */
async function watch() {
  for (; ; await pause(PAUSE)) {
    const answers = await model.predict(await photoFromFrame(video)).catch(() => []);
    for (const { class: name, probability } of answers) {
      element(`${name}-now`).value = probability;
      element(name).textContent = `${pictures[name].length} pictures, now ${percent(probability)}`;
    }
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
