// A page that predicts with a model folder of thaw: the person chooses the folder and pictures, and nothing is sent anywhere.

import { loadClassifier } from "thaw";

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
    // Asked for at the same time, they are computed together.
    const rows = await Promise.all([...pictures.files].map(async (file) => answerFor(file, await model.predict(file))));
    answers.replaceChildren(...rows);
    return `${rows.length} pictures done.`;
  }),
);

/** Shows what `work` comes to, or what a person can do about its failure. */
async function report(text, work) {
  state.textContent = text;
  try {
    state.textContent = await work();
  } catch (error) {
    state.textContent = [error.message, error.hint].filter(Boolean).join(" ");
  }
}

/** The picture and its classes, the most probable first. */
function answerFor(file, predictions) {
  const section = document.createElement("section");
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  const table = document.createElement("table");
  for (const { class: name, probability } of predictions) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    const meter = document.createElement("meter");
    meter.value = probability;
    row.insertCell().append(meter);
    row.insertCell().textContent = `${(100 * probability).toFixed(1)} %`;
  }
  section.append(image, table);
  return section;
}
