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
