// SVG elements as text: as much of the format as the sample pictures need. Coordinates of paths are rounded to a tenth, to keep the text short.

/** Attributes by name; a number is rounded to three decimals. */
export type SvgAttributes = Readonly<Record<string, string | number>>;

/** An element with its children. */
export function element(name: string, attributes: SvgAttributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? Number(value.toFixed(3)) : value}"`,
  );
  return `<${name}${written.join("")}${children.length > 0 ? `>${children.join("")}</${name}>` : "/>"}`;
}

/** A group scaled, then rotated by `degrees` clockwise, then moved to (`x`, `y`). */
export function placed(
  { x = 0, y = 0, degrees = 0, scaleX = 1, scaleY = 1 }: { x?: number; y?: number; degrees?: number; scaleX?: number; scaleY?: number },
  ...children: readonly string[]
): string {
  const transform = `translate(${round(x)} ${round(y)}) rotate(${round(degrees)}) scale(${scaleX.toFixed(3)} ${scaleY.toFixed(3)})`;
  return element("g", { transform }, ...children);
}

/** An ellipse centred on (`cx`, `cy`). */
export function ellipse(cx: number, cy: number, rx: number, ry: number, attributes: SvgAttributes): string {
  return element("ellipse", { cx, cy, rx, ry, ...attributes });
}

/** A rectangle with its top left corner at (`x`, `y`). */
export function rectangle(x: number, y: number, width: number, height: number, attributes: SvgAttributes): string {
  return element("rect", { x, y, width, height, ...attributes });
}

/** A path; write `d` with the tag `commands`. */
export function path(d: string, attributes: SvgAttributes): string {
  return element("path", { d, ...attributes });
}

/** A template tag for path data: rounds the numbers in it to a tenth. */
export function commands(text: TemplateStringsArray, ...numbers: readonly number[]): string {
  return text.reduce((joined, part, i) => joined + round(numbers[i - 1] as number) + part);
}

/** A gradient of `stops` [offset in [0, 1], colour, opacity]; `attributes` place it. */
export function gradient(
  kind: "linearGradient" | "radialGradient",
  attributes: SvgAttributes,
  stops: readonly (readonly [offset: number, colour: string, opacity?: number])[],
): string {
  const children = stops.map(([offset, colour, opacity = 1]) => element("stop", { offset, "stop-color": colour, "stop-opacity": opacity }));
  return element(kind, attributes, ...children);
}

function round(value: number): string {
  return `${Number(value.toFixed(1))}`;
}
