// A page that predicts with a model of thaw: the person chooses the model and photographs, and nothing is sent anywhere.

import { loadClassifier } from "thaw/classifier";
import { card, messageOf, percent } from "./parts.js";

const [zip, folder, pictures, state, answers] = ["zip", "folder", "pictures", "state", "answers"].map((id) => document.getElementById(id));
let model;

// Where a server has the model, its address will do: loadClassifier("/models/pets").
zip.addEventListener("change", () => zip.files[0] && load(zip.files[0]));
// The files of the folder by name.
folder.addEventListener("change", () => load(Object.fromEntries([...folder.files].map((file) => [file.name, file]))));

function load(source) {
  return report("Loading the model …", async () => {
    const loaded = await loadClassifier(source);
    await model?.dispose();
    model = loaded;
    pictures.disabled = false;
    return `A model of ${model.classes.join(", ")}. Choose photographs.`;
  });
}

pictures.addEventListener("change", () =>
  report("Predicting …", async () => {
    // Asked for at the same time, they are computed together. One that cannot be read does not stop the others.
    const files = [...pictures.files];
    const results = await Promise.allSettled(files.map((file) => model.predict(file)));
    answers.replaceChildren(...results.map(({ value, reason }, i) => card(files[i], value ? tableOf(value) : messageOf(reason))));
    const failed = results.filter(({ status }) => status === "rejected").length;
    return failed === 0 ? `${files.length} photographs done.` : `${files.length - failed} of ${files.length} photographs done.`;
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

/** The classes, the most probable first. */
function tableOf(predictions) {
  const table = document.createElement("table");
  for (const { class: name, probability } of predictions) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    const meter = document.createElement("meter");
    meter.value = probability;
    row.insertCell().append(meter);
    row.insertCell().textContent = percent(probability);
  }
  return table;
}
