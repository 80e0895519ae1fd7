// A page that predicts with a model folder of thaw: the person chooses the folder and pictures, and nothing is sent anywhere.

import { loadClassifier } from "thaw/classifier";

const [modelInput, pictures, state, answers] = ["model", "pictures", "state", "answers"].map((id) => document.getElementById(id));
let model;

// The folder's two files by name. Where a server has the folder, its address will do: loadClassifier("/models/pets").
modelInput.addEventListener("change", () =>
  report("Loading the model …", async () => {
    await model?.dispose();
    model = await loadClassifier(Object.fromEntries([...modelInput.files].map((file) => [file.name, file])));
    pictures.disabled = false;
    return `A model of ${model.classes.join(", ")}. Choose pictures.`;
  }),
);

pictures.addEventListener("change", () =>
  report("Predicting …", async () => {
    // Asked for at the same time, they are computed together. One that cannot be read does not stop the others.
    const files = [...pictures.files];
    const results = await Promise.allSettled(files.map((file) => model.predict(file)));
    answers.replaceChildren(...results.map(({ value, reason }, i) => sectionFor(files[i], value ? tableOf(value) : messageOf(reason))));
    const failed = results.filter(({ status }) => status === "rejected").length;
    return failed === 0 ? `${files.length} pictures done.` : `${files.length - failed} of ${files.length} pictures done.`;
  }),
);

/** Shows what `work` comes to, or what a person can do about its failure. */
async function report(text, work) {
  state.textContent = text;
  try {
    state.textContent = await work();
  } catch (error) {
    state.textContent = messageOf(error);
  }
}

function messageOf(error) {
  return [error.message, error.hint].filter(Boolean).join(" ");
}

/** The picture, and what is known about it: an element or a text. */
function sectionFor(file, answer) {
  const section = document.createElement("section");
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  section.append(image, answer);
  return section;
}

/** The classes, the most probable first. */
function tableOf(predictions) {
  const table = document.createElement("table");
  for (const { class: name, probability } of predictions) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    const meter = document.createElement("meter");
    meter.value = probability;
    row.insertCell().append(meter);
    row.insertCell().textContent = `${(100 * probability).toFixed(1)} %`;
  }
  return table;
}
