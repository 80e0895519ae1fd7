// What the example pages share.

/** What a person can do about an error. */
export function messageOf(error) {
  return [error.message, error.hint].filter(Boolean).join(". ");
}

export function percent(share) {
  return `${(100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0)} %`;
}

/** A picture above what is said of it. */
export function card(file, text) {
  const item = document.createElement("li");
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = file.name ?? "";
  item.append(image, text);
  return item;
}

/** A function that says of events of progress how far the task is and, from the time that it has taken, how much longer it takes. */
export function progressWords() {
  let [current, start, first, last] = ["", 0, 0, 0];
  return ({ task, done, total, unit }) => {
    // The same task may begin again.
    if (task !== current || done < last) [current, start, first] = [task, performance.now(), done];
    last = done;
    if (total === 0) return `${task}: ${done} ${unit}`; // A server does not always say how much it sends.
    const seconds = Math.round(((performance.now() - start) * (total - done)) / (done - first) / 1000);
    return `${task}: ${done} of ${total} ${unit}${seconds > 1 && seconds < 1e5 ? `, about ${seconds} s left` : ""}`;
  };
}
